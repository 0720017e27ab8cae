using System.Globalization;
using System.Text;
using IlgpuSpp.Data.Imaging;
using IlgpuSpp.Reports;

namespace IlgpuSpp.Cli.Detection;

/// <summary>The page about a detector's test: curves, classes, causes of false positives, what was found, what was wrong, what was missed.</summary>
/// <param name="detector">The detector.</param>
/// <param name="models">Where it came from, as the reader knows it.</param>
/// <param name="scoring">What scored the windows.</param>
/// <param name="result">The test.</param>
internal sealed class DetectionReport(Detector detector, IReadOnlyList<string> models, WindowScoring scoring, DetectorTestResult result)
{
    private const int CurvesInChart = 5, Finds = 12, Mistakes = 6;

    // Pictures are twice as large as the page shows them, so that they are sharp on any screen; lines are drawn for that size.
    private const int PictureSide = 360, ThickLine = 6, ThinLine = 3;

    private static readonly (byte Red, byte Green, byte Blue) s_found = (86, 180, 233), s_wrong = (240, 120, 0), s_missed = (240, 228, 66), s_object = (255, 255, 255);

    public void Write(string path)
    {
        DetectionScore score = result.Score;
        var page = new HtmlPage($"Detection test of {string.Join(", ", models.Select(model => Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(model)))))}")
        {
            Facts =
            [
                new(models.Count == 1 ? "Model" : "Models", string.Join(", ", models)),
                new("Data", $"{result.Data.Name}: {Counted.Of(score.Images, "image")}"),
                new("Tested", ReportNumber.Time(DateTimeOffset.Now)),
                new("Windows", detector.Proposals.Name),
                new("Features", string.Join("; ", detector.Settings.Select(settings => Method(settings.Features)).Distinct())),
                new("Scores", scoring == WindowScoring.Softmax ? "softmax: probabilities from 0 to 1" : detector.IsCalibrated ? "support vector machines; probabilities by their scores on images held out of training" : "support vector machines: no probabilities, above 0 on the class's side"),
            ],
            Footer = "Written by IlgpuSpp. Everything in this page is in this file.",
        };
        ClassScore[] present = [.. score.Classes.Where(item => item.Positives > 0)];
        int found = present.Sum(Found), objects = present.Sum(item => item.Positives);
        page.Add(
            "",
            new SummaryTiles(
            [
                new("mAP, 11 points", ReportNumber.Percent(score.Map11), "VOC 2007"),
                new("mAP, area", ReportNumber.Percent(score.MapArea), "VOC since 2010"),
                new("mAP, overlaps 0.5 to 0.95", ReportNumber.Percent(score.MapCoco), "COCO"),
                new("Objects found", objects > 0 ? ReportNumber.Percent((double)found / objects) : "–", Invariant($"{found} of {objects}, whatever the score")),
                new("Seconds an image", (result.Times.Over(score.Images).Total).ToString("0.000", CultureInfo.InvariantCulture), "proposals included"),
            ]));
        LineChart[] charts = [.. present.Chunk(CurvesInChart).Select(Chart)];
        // The bars fill the place beside the last chart where there is one.
        page.Add("Precision and recall", [.. charts, new BarList("Average precision by class (11 points), lowest first", [.. present.Select(Bar)]) { IsWide = charts.Length % 2 == 0 }]);
        page.Add("Classes", Classes(score));
        ImageCard[] wrong = [.. Surest(wrong: true).Take(Mistakes).Select(match => Card(match, wrong: true))], missed = [.. Missed().Take(Mistakes).Select(Card)];
        bool both = wrong.Length > 0 && missed.Length > 0;
        page.Add(
            "What went wrong",
            new ImageGrid(wrong)
            {
                Title = "Surest false positives", Hint = "Orange: the detection. White: the objects of its class.", IsHalf = both,
            },
            new ImageGrid(missed)
            {
                Title = "Largest missed objects", Hint = "Yellow: an object that no detection of its class overlaps enough.", IsHalf = both,
            });
        page.Add("Surest finds", new ImageGrid([.. Surest(wrong: false).Take(Finds).Select(match => Card(match, wrong: false))]) { Hint = "Blue: the detection. White: the objects of its class." });
        byte[] content = Encoding.UTF8.GetBytes(page.Render());
        AtomicFile.Write(path, stream => stream.Write(content));
    }

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

    private static string Method(WindowFeatureOptions options) => options.Method == WindowMethod.Spp
        ? $"SPP-net at scales {string.Join(", ", options.Scales)}{(options.Rule == WindowRule.Paper ? ", the paper's window rule" : "")}{(options.ScaleRule == ScaleRule.Side ? ", scales by side" : "")}{(options.Combination == ScaleCombination.Max ? ", the largest values of all scales" : "")}"
        : Invariant($"R-CNN, crops of {options.TargetSide} pixels");

    private static int Found(ClassScore item) => item.Matches.Count(match => match.Outcome == MatchOutcome.TruePositive);

    private static BarItem Bar(ClassScore item) =>
        new(item.Name, item.Curve.ElevenPoint, ReportNumber.Percent(item.Curve.ElevenPoint), Invariant($"{Found(item)} found of {item.Positives}"));

    private static DataTable Classes(DetectionScore score) => new(
        ["Class", "Objects", "Found", "Missed", "Detections", "AP, 11 points", "AP, area", "AP, 0.5 to 0.95", "Badly placed", "Similar class", "Other class", "Background"],
        [.. score.Classes.Select(item => (IReadOnlyList<string>)
        [
            item.Name, Invariant($"{item.Positives}"), Invariant($"{Found(item)}"), Invariant($"{item.Positives - Found(item)}"), Invariant($"{item.Detections}"),
            ReportNumber.Percent(item.Curve.ElevenPoint), ReportNumber.Percent(item.Curve.Area), ReportNumber.Percent(item.CocoAveragePrecision),
            Invariant($"{item.FalsePositives.Localisation}"), Invariant($"{item.FalsePositives.Similar}"), Invariant($"{item.FalsePositives.Other}"), Invariant($"{item.FalsePositives.Background}"),
        ])]);

    // The surest detections that are right, or the surest that are wrong.
    private IEnumerable<MatchedBox> Surest(bool wrong) => result.Score.Classes.SelectMany(item => item.Matches)
        .Where(match => wrong ? match.Outcome is MatchOutcome.FalsePositive or MatchOutcome.Duplicate : match.Outcome == MatchOutcome.TruePositive)
        .OrderByDescending(match => detector.Probability(match.Detection, scoring) ?? match.Detection.Score).ThenByDescending(match => match.Detection.Score);

    // The largest part of their image first.
    private IEnumerable<MissedObject> Missed() => MissedObjects.Of(result.Data.Images, result.Score)
        .OrderByDescending(item => item.Object.Box.Area / ((double)result.Data.Images[item.Image].Width * result.Data.Images[item.Image].Height));

    private ImageCard Card(MatchedBox match, bool wrong)
    {
        (RgbImage picture, double scale) = Picture(match.Detection.Image);
        foreach (AnnotatedObject item in result.Data.Images[match.Detection.Image].Objects.Where(item => item.Label == match.Detection.Label))
            BoxDrawing.Frame(picture, BoxDrawing.Scaled(item.Box, scale), s_object, ThinLine);
        BoxDrawing.Frame(picture, BoxDrawing.Scaled(match.Detection.Box, scale), wrong ? s_wrong : s_found, ThickLine);
        double score = match.Detection.Score;
        double? probability = detector.Probability(match.Detection, scoring);
        var bars = new List<BarItem> { new("overlap", match.Overlap, match.Overlap.ToString("0.00", CultureInfo.InvariantCulture), "") };
        string number = (probability ?? score).ToString("0.00", CultureInfo.InvariantCulture);
        bars.Insert(0, new BarItem(probability is null ? "score" : "probability", probability ?? double.NaN, number, ""));
        return new ImageCard(
            ImageWriter.Jpeg(picture), detector.ClassNames[match.Detection.Label], bars, result.Data.Images[match.Detection.Image].Name, wrong ? CardMark.Wrong : CardMark.Right);
    }

    private ImageCard Card(MissedObject missed)
    {
        (RgbImage picture, double scale) = Picture(missed.Image);
        BoxDrawing.Frame(picture, BoxDrawing.Scaled(missed.Object.Box, scale), s_missed, ThickLine);
        return new ImageCard(
            ImageWriter.Jpeg(picture), detector.ClassNames[missed.Object.Label],
            [new BarItem("best overlap", missed.BestOverlap, missed.BestOverlap.ToString("0.00", CultureInfo.InvariantCulture), "")], result.Data.Images[missed.Image].Name, CardMark.Missed);
    }

    private (RgbImage Picture, double Scale) Picture(int index)
    {
        RgbImage image = result.Data.Load(index);
        double scale = (double)PictureSide / Math.Max(image.Width, image.Height);
        return (ImageResizer.Resize(image, Math.Max(1, (int)Math.Round(image.Width * scale)), Math.Max(1, (int)Math.Round(image.Height * scale)), ResizeFilter.BilinearAntialias), scale);
    }

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
