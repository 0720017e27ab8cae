using System.Globalization;

namespace IlgpuSpp.Cli.Detection;

/// <summary>Prints detection scores.</summary>
internal static class ScoreOutput
{
    public static void WriteJson(DetectionScore score, DetectionTimes? times = null) => JsonLine.Write(new ScoreAnswer(
        score.Images,
        Number(score.Map11),
        Number(score.MapArea),
        Number(score.MapCoco),
        [.. score.Classes.Select(item => new ScoreAnswer.Class(
            item.Name, Number(item.Curve.ElevenPoint), Number(item.Curve.Area), Number(item.CocoAveragePrecision), item.Positives, item.Difficult, item.Detections,
            new ScoreAnswer.Causes(item.FalsePositives.Localisation, item.FalsePositives.Similar, item.FalsePositives.Other, item.FalsePositives.Background)))],
        times is { } all ? Math.Round(all.Total, 3) : null,
        times?.Over(score.Images) is { } mean
            ? new ScoreAnswer.Times(Math.Round(mean.Reading, 6), Math.Round(mean.Proposals, 6), Math.Round(mean.Convolutions, 6), Math.Round(mean.FullyConnected, 6), Math.Round(mean.Total, 6))
            : null));

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
        Say.Line(string.Create(culture, $"{Counted.Of(score.Images, "image")}: mAP {Share(score.Map11)} (11-point), {Share(score.MapArea)} (area), {Share(score.MapCoco)} (overlaps 0.5 to 0.95)"));
    }

    public static void Print(DetectionTimes times, int images, long storedProposals)
    {
        DetectionTimes mean = times.Over(images);
        string stored = storedProposals > 0 ? FormattableString.Invariant($" ({storedProposals} of the images' kept from before)") : "";
        Say.Line(FormattableString.Invariant(
            $"seconds an image: {mean.Total:0.000} = reading {mean.Reading:0.000} + proposals {mean.Proposals:0.000}{stored} + convolutions {mean.Convolutions:0.000} + fully connected, scores and boxes {mean.FullyConnected:0.000}"));
    }

    private static string Share(double value) => double.IsNaN(value) ? "-" : value.ToString("0.0000", CultureInfo.InvariantCulture);

    // JSON has no NaN: a class without objects has no value.
    private static double? Number(double value) => double.IsNaN(value) ? null : value;
}

internal sealed record ScoreAnswer(
    int Images, double? Map11, double? MapArea, double? MapCoco, IReadOnlyList<ScoreAnswer.Class> PerClass, double? Seconds, ScoreAnswer.Times? SecondsPerImage)
{
    internal sealed record Class(string Name, double? Ap11, double? ApArea, double? ApCoco, int Positives, int Difficult, int Detections, Causes FalsePositives);

    internal sealed record Causes(int Localisation, int Similar, int Other, int Background);

    internal sealed record Times(double Reading, double Proposals, double Convolutions, double FullyConnected, double Total);
}
