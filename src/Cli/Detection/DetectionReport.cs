using System.Globalization;
using System.Text;
using IlgpuSpp.Data.Imaging;
using IlgpuSpp.Detection;
using IlgpuSpp.Engine;
using IlgpuSpp.Reports;

namespace IlgpuSpp.Cli.Detection;

/// <summary>The page about a detector's test: curves, classes, causes of false positives, the best and the worst detections.</summary>
internal static class DetectionReport
{
    private const int CurvesInChart = 5, Pictures = 8;

    public static void Write(string path, Detector detector, DetectorTestResult result)
    {
        DetectionScore score = result.Score;
        var page = new HtmlPage("Detection test")
        {
            Facts =
            [
                new("Data", $"{result.Data.Name}: {score.Images} images"),
                new("Windows", detector.Proposals.Name),
                new("Features", string.Join("; ", detector.Settings.Select(settings => Method(settings.Features)).Distinct())),
            ],
            Footer = "Written by IlgpuSpp. Everything in this page is in this file.",
        };
        page.Add(
            "",
            new SummaryTiles(
            [
                new("mAP, 11 points", ReportNumber.Percent(score.Map11), "VOC 2007"),
                new("mAP, area", ReportNumber.Percent(score.MapArea), "VOC since 2010"),
                new("mAP, overlaps 0.5 to 0.95", ReportNumber.Percent(score.MapCoco), "COCO"),
                new("Seconds an image", (result.Times.Over(score.Images).Total).ToString("0.000", CultureInfo.InvariantCulture), "proposals included"),
            ]));
        ClassScore[] present = [.. score.Classes.Where(item => item.Positives > 0)];
        page.Add("Precision and recall", [.. present.Chunk(CurvesInChart).Select(Chart)]);
        page.Add("Classes", new BarList("Average precision by class (11 points), lowest first", [.. present.Select(Bar)]), Causes(score));
        page.Add("Best detections", Grid(detector, result, wrong: false));
        page.Add("Worst false positives", Grid(detector, result, wrong: true));
        byte[] content = Encoding.UTF8.GetBytes(page.Render());
        AtomicFile.Write(path, stream => stream.Write(content));
    }

    private static string Method(WindowFeatureOptions options) => options.Method == WindowMethod.Spp
        ? $"SPP-net at scales {string.Join(", ", options.Scales)}"
        : Invariant($"R-CNN, crops of {options.TargetSide} pixels");

    /// <summary>The precision at which each recall is reached, every change of it.</summary>
    internal static LineChart Chart(IReadOnlyList<ClassScore> classes) =>
        new(string.Join(", ", classes.Select(item => item.Name)), [.. classes.Select(item => new ChartSeries(item.Name, Points(item.Curve)) { Step = ChartStep.Before })])
        {
            XTitle = "recall",
            YTitle = "precision",
            RangeX = (0, 1),
            RangeY = (0, 1),
        };

    private static List<ChartPoint> Points(PrecisionRecallCurve curve)
    {
        var points = curve.Recall.Zip(curve.Precision, (recall, precision) => new ChartPoint(recall, precision)).ToList();
        if (points.Count > 0 && points[0].X > 0) points.Insert(0, points[0] with { X = 0 });
        return points;
    }

    private static BarItem Bar(ClassScore item) => new(item.Name, item.Curve.ElevenPoint, ReportNumber.Percent(item.Curve.ElevenPoint), Invariant($"{item.Positives} objects"));

    private static DataTable Causes(DetectionScore score) => new(
        ["Class", "Detections", "Badly placed", "Similar class", "Other class", "Background"],
        [.. score.Classes.Select(item => (IReadOnlyList<string>)
        [
            item.Name, Invariant($"{item.Detections}"), Invariant($"{item.FalsePositives.Localisation}"), Invariant($"{item.FalsePositives.Similar}"), Invariant($"{item.FalsePositives.Other}"), Invariant($"{item.FalsePositives.Background}"),
        ])]);

    // The surest detections that are right, or the surest that are wrong.
    private static ImageGrid Grid(Detector detector, DetectorTestResult result, bool wrong)
    {
        var matches = result.Score.Classes.SelectMany(item => item.Matches)
            .Where(match => wrong ? match.Outcome is MatchOutcome.FalsePositive or MatchOutcome.Duplicate : match.Outcome == MatchOutcome.TruePositive)
            .OrderByDescending(match => match.Detection.Score).Take(Pictures);
        return new ImageGrid([.. matches.Select(match => Card(detector, result, match, wrong))]);
    }

    private static ImageCard Card(Detector detector, DetectorTestResult result, MatchedBox match, bool wrong)
    {
        RgbImage image = BoxDrawing.Copy(result.Data.Load(match.Detection.Image));
        BoxDrawing.Frame(image, match.Detection.Box, wrong ? 5 : 2);
        return new ImageCard(
            ImageWriter.Jpeg(image),
            detector.ClassNames[match.Detection.Label],
            [new BarItem("overlap", match.Overlap, match.Overlap.ToString("0.00", CultureInfo.InvariantCulture), "")],
            $"{result.Data.Images[match.Detection.Image].Name}, score {match.Detection.Score.ToString("0.00", CultureInfo.InvariantCulture)}",
            wrong ? CardMark.Wrong : CardMark.Right);
    }

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
