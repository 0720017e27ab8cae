namespace IlgpuSpp.Detection;

/// <summary>How well one class was detected.</summary>
public sealed record ClassScore
{
    /// <summary>The class.</summary>
    public required string Name { get; init; }

    /// <summary>Objects that are neither difficult nor crowds.</summary>
    public required int Positives { get; init; }

    /// <summary>Objects that are difficult, and crowds.</summary>
    public required int Difficult { get; init; }

    /// <summary>Detections of the class.</summary>
    public required int Detections { get; init; }

    /// <summary>The curve at an overlap of 0.5, matched as VOC does.</summary>
    public required PrecisionRecallCurve Curve { get; init; }

    /// <summary>COCO's average precision: the mean over overlaps 0.5, 0.55, …, 0.95. NaN without objects.</summary>
    public required double CocoAveragePrecision { get; init; }

    /// <summary>Causes of the false positives among the best detections.</summary>
    public required FalsePositiveCounts FalsePositives { get; init; }

    /// <summary>The class's detections from the highest score down, with what they turned out to be.</summary>
    public required IReadOnlyList<MatchedBox> Matches { get; init; }

    /// <summary>Objects in each image that are neither difficult nor crowds.</summary>
    internal IReadOnlyList<int> PositivesByImage { get; init; } = [];
}
