namespace IlgpuSpp.Detection;

/// <summary>Counts of false positives by their cause.</summary>
/// <param name="Localisation">On an object of the class, but badly placed (overlap from 0.1 to below 0.5) or found before.</param>
/// <param name="Similar">On an object of a similar class, overlap at least 0.1.</param>
/// <param name="Other">On an object of another class, overlap at least 0.1.</param>
/// <param name="Background">On none.</param>
public readonly record struct FalsePositiveCounts(int Localisation, int Similar, int Other, int Background)
{
    /// <summary>All false positives.</summary>
    public int Total => Localisation + Similar + Other + Background;

    /// <summary>Sums by cause.</summary>
    /// <param name="a">One.</param>
    /// <param name="b">The other.</param>
    public static FalsePositiveCounts operator +(FalsePositiveCounts a, FalsePositiveCounts b) => a.Add(b);

    /// <summary>Sums by cause.</summary>
    /// <param name="other">The other.</param>
    public FalsePositiveCounts Add(FalsePositiveCounts other) =>
        new(Localisation + other.Localisation, Similar + other.Similar, Other + other.Other, Background + other.Background);
}

/// <summary>
/// Sorts false positives by cause (Hoiem, Chodpathumwan and Dai, "Diagnosing error in object detectors", ECCV 2012) among as many of a class's best
/// detections as there are objects of it.
/// </summary>
internal static class FalsePositiveAnalysis
{
    private const double SmallestOverlap = 0.1;

    private static readonly string[][] VocGroups =
    [
        ["aeroplane", "bicycle", "boat", "bus", "car", "motorbike", "train"],
        ["bird", "cat", "cow", "dog", "horse", "person", "sheep"],
        ["chair", "diningtable", "sofa"],
        ["aeroplane", "bird"],
    ];

    /// <summary>Counts the causes for one class.</summary>
    /// <param name="images">The truth.</param>
    /// <param name="classNames">Names of the classes; VOC's classes have similar ones, others none.</param>
    /// <param name="matches">The class's detections from the highest score down.</param>
    /// <param name="label">The class.</param>
    /// <param name="positives">Objects of the class that are not difficult: so many counted detections are looked at.</param>
    public static FalsePositiveCounts Count(IReadOnlyList<AnnotatedImage> images, IReadOnlyList<string> classNames, IEnumerable<MatchedBox> matches, int label, int positives)
    {
        var counts = default(FalsePositiveCounts);
        foreach (MatchedBox match in matches.Where(m => m.Outcome != MatchOutcome.Ignored).Take(positives))
        {
            if (match.Outcome == MatchOutcome.TruePositive) continue;
            counts += Cause(images[match.Detection.Image], classNames, match, label);
        }
        return counts;
    }

    private static FalsePositiveCounts Cause(AnnotatedImage image, IReadOnlyList<string> classNames, MatchedBox match, int label)
    {
        if (match.Outcome == MatchOutcome.Duplicate || match.Overlap >= SmallestOverlap) return new FalsePositiveCounts(1, 0, 0, 0);
        bool other = false;
        foreach (AnnotatedObject item in image.Objects)
        {
            if (item.Label == label || BoxOverlap.IntersectionOverUnion(item.Box, match.Detection.Box) < SmallestOverlap) continue;
            if (Similar(classNames[item.Label], classNames[label])) return new FalsePositiveCounts(0, 1, 0, 0);
            other = true;
        }
        return other ? new FalsePositiveCounts(0, 0, 1, 0) : new FalsePositiveCounts(0, 0, 0, 1);
    }

    private static bool Similar(string a, string b) => Array.Exists(VocGroups, group => group.Contains(a) && group.Contains(b));
}
