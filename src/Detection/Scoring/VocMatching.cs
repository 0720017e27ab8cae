namespace IlgpuSpp.Detection;

/// <summary>A detection with what it turned out to be.</summary>
/// <param name="Detection">The detection.</param>
/// <param name="Outcome">What it is.</param>
/// <param name="Overlap">Largest intersection over union with an object of its class in its image; 0 where there is none.</param>
public readonly record struct MatchedBox(ScoredBox Detection, MatchOutcome Outcome, double Overlap);

/// <summary>Decides which detections found an object, as the development kit of VOC2007 does (<c>VOCevaldet.m</c>).</summary>
internal static class VocMatching
{
    /// <summary>
    /// Takes the detections of one class from the highest score down, equal scores in their order. Each is compared with the object of the class in
    /// its image that it overlaps most, the first of equals, difficult or not: an overlap of at least the threshold is a find, or nothing on a difficult
    /// object, or a duplicate on one that was found before; all else is a false positive. Crowds, which VOC does not have, are not among the objects: what
    /// would be a false positive is passed over where as much of it as the threshold lies inside one.
    /// </summary>
    /// <param name="images">The truth.</param>
    /// <param name="detections">Detections; those of other classes are passed over.</param>
    /// <param name="label">The class.</param>
    /// <param name="threshold">Smallest overlap of a find.</param>
    /// <returns>The class's detections, highest score first.</returns>
    public static IReadOnlyList<MatchedBox> Match(IReadOnlyList<AnnotatedImage> images, IEnumerable<ScoredBox> detections, int label, double threshold = 0.5)
    {
        var found = new HashSet<(int Image, int Object)>();
        var result = new List<MatchedBox>();
        foreach (ScoredBox detection in detections.Where(d => d.Label == label).OrderByDescending(d => d.Score))
        {
            IReadOnlyList<AnnotatedObject> objects = images[detection.Image].Objects;
            int best = -1;
            double overlap = 0;
            for (int i = 0; i < objects.Count; i++)
            {
                if (objects[i].Label != label || objects[i].Crowd) continue;
                double own = BoxOverlap.IntersectionOverUnion(detection.Box, objects[i].Box);
                if (own > overlap) (overlap, best) = (own, i);
            }
            MatchOutcome outcome = best < 0 || overlap < threshold ? objects.Any(InCrowd) ? MatchOutcome.Ignored : MatchOutcome.FalsePositive
                : objects[best].Difficult ? MatchOutcome.Ignored
                : found.Add((detection.Image, best)) ? MatchOutcome.TruePositive
                : MatchOutcome.Duplicate;
            result.Add(new MatchedBox(detection, outcome, overlap));

            bool InCrowd(AnnotatedObject item) => item.Crowd && item.Label == label && BoxOverlap.Intersection(detection.Box, item.Box) >= threshold * detection.Box.Area;
        }
        return result;
    }
}

/// <summary>What a detection turned out to be.</summary>
public enum MatchOutcome
{
    /// <summary>It found an object that nothing before it had found.</summary>
    TruePositive,

    /// <summary>It found an object that was found already.</summary>
    Duplicate,

    /// <summary>It overlaps no object of its class enough.</summary>
    FalsePositive,

    /// <summary>It lies on a difficult object or in a crowd and does not count.</summary>
    Ignored,
}
