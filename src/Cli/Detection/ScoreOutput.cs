using System.Globalization;

namespace IlgpuSpp.Cli.Detection;

/// <summary>Prints detection scores.</summary>
internal static class ScoreOutput
{
    public static void WriteJson(DetectionScore score, DetectionTimes? times = null, BootstrapInterval? difference = null, CascadeRecall? cascade = null) => JsonLine.Write(new ScoreAnswer(
        score.Images,
        Number(score.Map11),
        Limits(BootstrapInterval.Of(score)),
        Number(score.MapArea),
        Number(score.MapCoco),
        [.. score.Classes.Select(item => new ScoreAnswer.Class(
            item.Name, Number(item.Curve.ElevenPoint), Number(item.Curve.Area), Number(item.CocoAveragePrecision), item.Positives, item.Difficult, item.Detections,
            new ScoreAnswer.Causes(item.FalsePositives.Localisation, item.FalsePositives.Similar, item.FalsePositives.Other, item.FalsePositives.Background)))],
        times is { } all ? Math.Round(all.Total, 3) : null,
        times?.Over(score.Images) is { } mean
            ? new ScoreAnswer.Times(Math.Round(mean.Reading, 6), Math.Round(mean.Proposals, 6), Math.Round(mean.Convolutions, 6), Math.Round(mean.FullyConnected, 6), Math.Round(mean.Total, 6))
            : null,
        Limits(difference),
        cascade is { } left ? new ScoreAnswer.Cascade(left.Objects, left.ByAll, left.ByKept) : null));

    public static void Print(DetectionScore score)
    {
        var culture = CultureInfo.InvariantCulture;
        int width = Math.Max(5, score.Classes.Max(item => item.Name.Length));
        Say.Line($"{"class".PadRight(width)}  objects  difficult  detections  AP 11-point  AP area  AP .5-.95  localisation/similar/other/background");
        foreach (ClassScore item in score.Classes)
        {
            FalsePositiveCounts causes = item.FalsePositives;
            Say.Line(string.Create(culture,
                $"{item.Name.PadRight(width)}  {item.Positives,7}  {item.Difficult,9}  {item.Detections,10}  {Share(item.Curve.ElevenPoint),11}  {Share(item.Curve.Area),7}  {Share(item.CocoAveragePrecision),9}  {causes.Localisation}/{causes.Similar}/{causes.Other}/{causes.Background}"));
        }
        BootstrapInterval interval = BootstrapInterval.Of(score);
        string draws = double.IsNaN(interval.Low) ? "" : $"; {Share(interval.Low)} to {Share(interval.High)} in 95 % of draws of so many images";
        Say.Line(string.Create(culture, $"{Counted.Of(score.Images, "image")}: mAP {Share(score.Map11)} (11-point{draws}), {Share(score.MapArea)} (area), {Share(score.MapCoco)} (overlaps 0.5 to 0.95)"));
    }

    public static void Print(CascadeRecall recall) => Say.Line(
        $"cascade: windows behind it cover {recall.ByKept} of {Counted.Of(recall.Objects, "object")} (overlap 0.5), all windows {recall.ByAll}");

    public static void Print(DetectionTimes times, int images, long storedProposals)
    {
        DetectionTimes mean = times.Over(images);
        string stored = storedProposals > 0 ? FormattableString.Invariant($" ({storedProposals} of the images' kept from before)") : "";
        Say.Line(FormattableString.Invariant(
            $"seconds an image: {mean.Total:0.000} = reading {mean.Reading:0.000} + proposals {mean.Proposals:0.000}{stored} + convolutions {mean.Convolutions:0.000} + fully connected, scores and boxes {mean.FullyConnected:0.000}"));
    }

    public static void PrintDifference(DetectionScore score, DetectionScore baseline, BootstrapInterval interval) => Say.Line(string.Create(CultureInfo.InvariantCulture,
        $"mAP (11-point) less that of --against, {Share(baseline.Map11)}: {score.Map11 - baseline.Map11:0.0000} ({interval.Low:0.0000} to {interval.High:0.0000} in 95 % of draws of so many images)"));

    private static string Share(double value) => double.IsNaN(value) ? "-" : value.ToString("0.0000", CultureInfo.InvariantCulture);

    // JSON has no NaN: a class without objects has no value.
    private static double? Number(double value) => double.IsNaN(value) ? null : value;

    private static double?[]? Limits(BootstrapInterval? interval) => interval is null ? null : [Number(interval.Low), Number(interval.High)];
}

internal sealed record ScoreAnswer(
    int Images, double? Map11, double?[]? Map11Interval, double? MapArea, double? MapCoco, IReadOnlyList<ScoreAnswer.Class> PerClass, double? Seconds, ScoreAnswer.Times? SecondsPerImage,
    double?[]? DifferenceInterval, ScoreAnswer.Cascade? CascadeRecall)
{
    internal sealed record Class(string Name, double? Ap11, double? ApArea, double? ApCoco, int Positives, int Difficult, int Detections, Causes FalsePositives);

    internal sealed record Cascade(int Objects, int ByAll, int ByKept);

    internal sealed record Causes(int Localisation, int Similar, int Other, int Background);

    internal sealed record Times(double Reading, double Proposals, double Convolutions, double FullyConnected, double Total);
}
