namespace IlgpuSpp.Detection;

/// <summary>
/// The share of objects that the first n windows of each image cover: an object is found at a threshold where some window overlaps it
/// by an intersection over union of at least that much. Images are added one by one.
/// </summary>
public sealed class ProposalRecall
{
    // For every object, the overlap reached and the number of windows it took, wherever the best overlap grows.
    private readonly List<List<(int Count, double Overlap)>> _objects = [];
    private readonly List<int> _proposals = [];

    /// <summary>Objects counted so far.</summary>
    public int Objects => _objects.Count;

    /// <summary>Images added so far.</summary>
    public int Images => _proposals.Count;

    /// <summary>Mean number of windows an image, 0 before the first image.</summary>
    public double MeanProposals => _proposals.Count == 0 ? 0 : _proposals.Average();

    /// <summary>Adds an image.</summary>
    /// <param name="proposals">Its windows, the best first.</param>
    /// <param name="objects">Its objects.</param>
    public void Add(IReadOnlyList<PixelBox> proposals, IReadOnlyList<PixelBox> objects)
    {
        ArgumentNullException.ThrowIfNull(proposals);
        ArgumentNullException.ThrowIfNull(objects);
        _proposals.Add(proposals.Count);
        foreach (PixelBox truth in objects)
        {
            var steps = new List<(int, double)>();
            double best = 0;
            for (int i = 0; i < proposals.Count; i++)
            {
                double overlap = BoxOverlap.IntersectionOverUnion(proposals[i], truth);
                if (overlap <= best) continue;
                best = overlap;
                steps.Add((i + 1, best));
            }
            _objects.Add(steps);
        }
    }

    /// <summary>Recall with the first windows of every image.</summary>
    /// <param name="threshold">Intersection over union from which an object counts as found, above 0, at most 1.</param>
    /// <param name="proposals">Windows an image; images with fewer use all of theirs.</param>
    /// <returns>0 to 1.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The threshold or the number is out of range.</exception>
    /// <exception cref="InvalidOperationException">No object was added.</exception>
    public double At(double threshold, int proposals = int.MaxValue)
    {
        if (!(threshold > 0 && threshold <= 1)) throw new ArgumentOutOfRangeException(nameof(threshold), threshold, "The overlap should be above 0 and at most 1.");
        ArgumentOutOfRangeException.ThrowIfNegative(proposals);
        RefuseNoObjects();
        return (double)_objects.Count(steps => Best(steps, proposals) >= threshold) / _objects.Count;
    }

    /// <summary>Mean over the objects of the best overlap with the first windows of their image (the "average best overlap").</summary>
    /// <param name="proposals">Windows an image; images with fewer use all of theirs.</param>
    /// <returns>0 to 1.</returns>
    /// <exception cref="InvalidOperationException">No object was added.</exception>
    public double MeanBestOverlap(int proposals = int.MaxValue)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(proposals);
        RefuseNoObjects();
        return _objects.Average(steps => Best(steps, proposals));
    }

    private static double Best(List<(int Count, double Overlap)> steps, int proposals)
    {
        double best = 0;
        foreach ((int count, double overlap) in steps)
        {
            if (count > proposals) break;
            best = overlap;
        }
        return best;
    }

    private void RefuseNoObjects()
    {
        if (_objects.Count == 0) throw new InvalidOperationException("Recall needs at least one object; none of the images added has any.");
    }
}
