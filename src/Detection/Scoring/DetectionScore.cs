namespace IlgpuSpp.Detection;

/// <summary>How well the objects of a data set were detected. Means are over the classes that have objects; NaN where none has.</summary>
/// <param name="Images">Images scored.</param>
/// <param name="Classes">The classes in the order of the labels.</param>
public sealed record DetectionScore(int Images, IReadOnlyList<ClassScore> Classes)
{
    private const int CocoThresholds = 10;

    /// <summary>Mean of VOC2007's 11-point average precision.</summary>
    public double Map11 => Mean(item => item.Curve.ElevenPoint);

    /// <summary>Mean of the areas under the curves (VOC since 2010).</summary>
    public double MapArea => Mean(item => item.Curve.Area);

    /// <summary>Mean of COCO's average precision over overlaps 0.5 to 0.95.</summary>
    public double MapCoco => Mean(item => item.CocoAveragePrecision);

    /// <summary>Scores detections.</summary>
    /// <param name="truth">Images with their objects.</param>
    /// <param name="detections">Detections in these images.</param>
    public static DetectionScore Of(DetectionDataset truth, IReadOnlyList<ScoredBox> detections)
    {
        foreach (ScoredBox detection in detections)
        {
            if ((uint)detection.Image >= (uint)truth.Images.Count || (uint)detection.Label >= (uint)truth.ClassNames.Count)
                throw new ArgumentException($"A detection names image {detection.Image} and class {detection.Label} of {truth.Images.Count} and {truth.ClassNames.Count}.", nameof(detections));
        }
        ILookup<int, ScoredBox> byClass = detections.ToLookup(detection => detection.Label);
        return new DetectionScore(truth.Images.Count, [.. truth.ClassNames.Select((_, label) => ScoreClass(truth, [.. byClass[label]], label))]);
    }

    private static ClassScore ScoreClass(DetectionDataset truth, ScoredBox[] detections, int label)
    {
        int[] byImage = [.. truth.Images.Select(image => image.Objects.Count(item => item.Label == label && !item.Ignored))];
        int positives = byImage.Sum();
        IReadOnlyList<MatchedBox> matches = VocMatching.Match(truth.Images, detections, label);
        double coco = 0;
        for (int i = 0; i < CocoThresholds; i++)
            coco += PrecisionRecallCurve.Of(CocoMatching.Match(truth.Images, detections, label, (50 + 5 * i) / 100.0), positives).HundredOnePoint;
        return new ClassScore
        {
            Name = truth.ClassNames[label],
            Positives = positives,
            Difficult = truth.CountOf(label) - positives,
            Detections = detections.Length,
            Curve = PrecisionRecallCurve.Of(matches, positives),
            CocoAveragePrecision = coco / CocoThresholds,
            FalsePositives = FalsePositiveAnalysis.Count(truth.Images, truth.ClassNames, matches, label, positives),
            Matches = matches,
            PositivesByImage = byImage,
        };
    }

    private double Mean(Func<ClassScore, double> value)
    {
        double[] values = [.. Classes.Where(item => item.Positives > 0).Select(value)];
        return values.Length == 0 ? double.NaN : values.Average();
    }
}
