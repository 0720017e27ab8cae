namespace IlgpuSpp.Detection;

/// <summary>Greedy non-maximum suppression (the paper, section 4.1; the release's <c>nms</c>).</summary>
internal static class GreedySuppression
{
    /// <summary>Goes through the boxes from the highest score down and drops those that overlap a kept one by more than a threshold. Equal scores keep their order.</summary>
    /// <param name="boxes">The boxes.</param>
    /// <param name="scores">A score for each.</param>
    /// <param name="threshold">Intersection over union above which a box is dropped; 0.3 in the paper.</param>
    /// <returns>Positions of the boxes kept, highest score first.</returns>
    public static int[] Keep(IReadOnlyList<PixelBox> boxes, IReadOnlyList<double> scores, double threshold = 0.3)
    {
        if (boxes.Count != scores.Count) throw new ArgumentException($"{boxes.Count} boxes have {scores.Count} scores; there must be one for each.", nameof(scores));
        int[] order = [.. Enumerable.Range(0, boxes.Count).OrderByDescending(i => scores[i])];
        var kept = new List<int>();
        foreach (int candidate in order)
            if (!kept.Exists(k => BoxOverlap.IntersectionOverUnion(boxes[k], boxes[candidate]) > threshold))
                kept.Add(candidate);
        return [.. kept];
    }

    /// <summary>Suppression in every image and class apart.</summary>
    /// <param name="detections">The detections.</param>
    /// <param name="threshold">Intersection over union above which a box is dropped.</param>
    /// <returns>Positions of those kept, by image and class, highest score first.</returns>
    public static IReadOnlyList<int> KeepPerClass(IReadOnlyList<ScoredBox> detections, double threshold = 0.3)
    {
        var result = new List<int>();
        foreach (var group in Enumerable.Range(0, detections.Count).GroupBy(i => (detections[i].Image, detections[i].Label)).OrderBy(g => g.Key))
        {
            int[] items = [.. group];
            foreach (int i in Keep([.. items.Select(d => detections[d].Box)], [.. items.Select(d => detections[d].Score)], threshold)) result.Add(items[i]);
        }
        return result;
    }

    /// <summary>Suppression in every image and class apart. Detections of several models may be given together: that is their combination of section 4.4.</summary>
    /// <param name="detections">The detections.</param>
    /// <param name="threshold">Intersection over union above which a box is dropped.</param>
    /// <returns>Those kept, by image and class, highest score first.</returns>
    public static IReadOnlyList<ScoredBox> PerClass(IEnumerable<ScoredBox> detections, double threshold = 0.3)
    {
        ScoredBox[] all = [.. detections];
        return [.. KeepPerClass(all, threshold).Select(i => all[i])];
    }
}

/// <summary>A box that a detector claims to hold an object.</summary>
/// <param name="Image">Position of the image in its data set.</param>
/// <param name="Label">The class claimed.</param>
/// <param name="Score">How sure the detector is; only the order matters.</param>
/// <param name="Box">Where the object should be.</param>
public readonly record struct ScoredBox(int Image, int Label, double Score, PixelBox Box);
