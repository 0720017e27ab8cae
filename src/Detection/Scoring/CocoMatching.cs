namespace IlgpuSpp.Detection;

/// <summary>
/// Decides which detections found an object, as COCO's evaluation does: a detection takes the object that it overlaps most among those not taken yet,
/// so that a second detection of one object may still find its neighbour. Difficult objects and crowds are tried last, may be taken any number of times
/// and make a detection not count. A crowd is overlapped by as much of the detection as lies inside it (pycocotools, <c>bbIou</c>: the intersection over
/// the detection's area).
/// </summary>
internal static class CocoMatching
{
    /// <summary>COCO counts so many detections of a class in an image.</summary>
    public const int MostInImage = 100;

    /// <summary>Matches the detections of one class at one threshold.</summary>
    /// <param name="images">The truth.</param>
    /// <param name="detections">Detections; those of other classes are passed over.</param>
    /// <param name="label">The class.</param>
    /// <param name="threshold">Smallest overlap of a find.</param>
    /// <returns>The class's detections, highest score first; at most <see cref="MostInImage"/> an image.</returns>
    public static IReadOnlyList<MatchedBox> Match(IReadOnlyList<AnnotatedImage> images, IEnumerable<ScoredBox> detections, int label, double threshold)
    {
        var taken = new HashSet<(int Image, int Object)>();
        var seen = new Dictionary<int, int>();
        var result = new List<MatchedBox>();
        foreach (ScoredBox detection in detections.Where(d => d.Label == label).OrderByDescending(d => d.Score))
        {
            int rank = seen[detection.Image] = seen.GetValueOrDefault(detection.Image) + 1;
            if (rank > MostInImage) continue;
            IReadOnlyList<AnnotatedObject> objects = images[detection.Image].Objects;
            int best = -1;
            double overlap = 0, largest = 0;
            for (int i = 0; i < objects.Count; i++)
            {
                if (objects[i].Label != label) continue;
                double own = objects[i].Crowd ? BoxOverlap.Intersection(detection.Box, objects[i].Box) / detection.Box.Area : BoxOverlap.IntersectionOverUnion(detection.Box, objects[i].Box);
                if (!objects[i].Crowd) largest = Math.Max(largest, own);
                bool counts = !objects[i].Ignored, bestCounts = best >= 0 && !objects[best].Ignored;
                if (own < threshold || (counts && taken.Contains((detection.Image, i)))) continue;
                // Among objects of one kind the last of equals wins, as in COCO's loop.
                if (best < 0 || (counts && !bestCounts) || (counts == bestCounts && own >= overlap)) (best, overlap) = (i, own);
            }
            MatchOutcome outcome = best < 0 ? MatchOutcome.FalsePositive : objects[best].Ignored ? MatchOutcome.Ignored : MatchOutcome.TruePositive;
            if (outcome == MatchOutcome.TruePositive) taken.Add((detection.Image, best));
            result.Add(new MatchedBox(detection, outcome, largest));
        }
        return result;
    }
}
