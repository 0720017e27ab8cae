using System.Globalization;
using System.Text;
using IlgpuSpp.Reports;

namespace IlgpuSpp.Training;

/// <summary>What the page of a run shows.</summary>
/// <param name="Title">The page's heading, for example the run's name.</param>
/// <param name="Configuration">What was trained, on which data and how.</param>
/// <param name="Run">Its epochs, the best among them.</param>
/// <param name="Result">The best weights' measurement.</param>
/// <param name="Device">The device that trained.</param>
/// <param name="Started">When the run started.</param>
/// <param name="Command">The command line that repeats the run; empty where there is none.</param>
/// <param name="Samples">Example predictions.</param>
internal sealed record RunReport(
    string Title, RunConfiguration Configuration, RunResult Run, EvaluationResult Result, string Device, DateTimeOffset Started, string Command, IReadOnlyList<ImageCard> Samples);

/// <summary>Turns a training run into one self-contained HTML page: no scripts, no files or addresses from elsewhere.</summary>
internal static class RunPage
{
    // More sizes than there are markers, or points closer than a marker is wide, get a strip of their own.
    private const int MostMarkedSizes = 4;
    private const int MostMarkedEpochs = 90;

    private const double Width = 560, NarrowWidth = 380;

    /// <summary>Writes the page.</summary>
    /// <returns>The page: HTML that is also well-formed XML.</returns>
    public static string Render(RunReport report)
    {
        RunResult run = report.Run;
        DataDescription data = report.Configuration.Data;
        var page = new HtmlPage(report.Title)
        {
            Facts =
            [
                new("Network", Architecture(report.Configuration.Model)),
                new("Device", report.Device),
                new("Data", string.Create(CultureInfo.InvariantCulture, $"{data.TrainImages:N0} training and {data.ValidationImages:N0} validation images of {data.Classes} classes")),
                new("Started", ReportNumber.Time(report.Started)),
            ],
            Footer = "Written by IlgpuSpp. Everything in this page is in this file.",
        };
        page.Add("", new SummaryTiles(Tiles(run, report.Configuration.Options.FixedViews > 0)), new NoteList([.. Notes(run, report.Result)]));
        AddCurves(page, run);
        AddClasses(page, report.Result);
        if (report.Samples.Count > 0)
            page.Add("Sample predictions", new ImageGrid(report.Samples) { Hint = "The true class in bold, under it the most probable classes." });
        if (report.Command.Length > 0)
            page.Add("The same run again", new CommandLine(report.Command));
        page.Add("Options", new ValueList([.. Options(report.Configuration.Options)]));
        page.AddFolded("All epochs", EpochTable(run));
        return page.Render();
    }

    /// <summary>Writes the page to a file, first under a temporary name beside it: a reader sees the old page or the new one, never half of one.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">Writing there is not allowed.</exception>
    public static void Write(string path, RunReport report)
    {
        byte[] page = Encoding.UTF8.GetBytes(Render(report));
        AtomicFile.Write(path, stream => stream.Write(page));
    }

    private static string Architecture(ModelDescription model) => model.Options.Pyramid.Length == 0
        ? $"{model.Name} without a pyramid"
        : $"{model.Name} {{{string.Join(",", model.Options.Pyramid)}}}";

    private static SummaryTile[] Tiles(RunResult run, bool kept)
    {
        BestEpoch best = run.Best;
        double[] rates = [.. run.Epochs.Select(epoch => epoch.ImagesPerSecond).Order()];
        double median = (rates[(rates.Length - 1) / 2] + rates[rates.Length / 2]) / 2;
        return
        [
            new("Best top-1", ReportNumber.Percent(best.Top1), $"top-5 {ReportNumber.Percent(best.Top5)}, loss {ReportNumber.Significant(best.Loss)}"),
            new("Best epoch", Text(best.Epoch), $"of {Text(run.Epochs.Count)}, at {Text(run.Epochs.First(epoch => epoch.Epoch == best.Epoch).Size)} px"),
            new("Images per second", ReportNumber.Rate(median), kept ? "training on kept features, median of the epochs" : "training, median of the epochs"),
            new("Time", ReportNumber.Duration(run.TrainingTime), $"{ReportNumber.Duration(run.TrainingTime / run.Epochs.Count)} an epoch"),
        ];
    }

    private static void AddCurves(HtmlPage page, RunResult run)
    {
        IReadOnlyList<EpochMetrics> epochs = run.Epochs;
        int[] sizes = [.. epochs.Select(row => row.Size).Distinct().OrderDescending()];
        var marked = sizes.Length is > 1 and <= MostMarkedSizes && epochs.Count <= MostMarkedEpochs;
        ChartMarker MarkerOf(int size) => marked ? (ChartMarker)(1 + Array.IndexOf(sizes, size)) : ChartMarker.None;
        MarkerKey[] markers = marked ? [.. sizes.Select(size => new MarkerKey(MarkerOf(size), $"{Text(size)} px"))] : [];
        (double, string) highlight = (run.Best.Epoch, "best");

        ChartSeries Train(Func<EpochMetrics, double> value) =>
            new("training", [.. epochs.Select(row => new ChartPoint(row.Epoch, value(row), MarkerOf(row.Size)))]);
        ChartSeries Validation(string name, Func<EpochMetrics, double?> value) =>
            new(name, [.. epochs.Where(row => value(row).HasValue).Select(row => new ChartPoint(row.Epoch, value(row)!.Value))]);
        ChartSeries Schedule(string name, Func<EpochMetrics, double> value) =>
            new(name, [.. epochs.Select(row => new ChartPoint(row.Epoch, value(row)))]) { Step = ChartStep.After };
        static ChartSeries[] Present(params ChartSeries[] lines) => [.. lines.Where(line => line.Points.Count > 0)];

        var losses = Present(Train(row => row.TrainLoss), Validation("validation", row => row.ValidationLoss));
        var accuracies = Present(Train(row => row.TrainTop1), Validation("validation", row => row.ValidationTop1));
        var firstFive = Validation("validation", row => row.ValidationTop5);
        page.Add(
            "Training",
            new LineChart("Loss", losses) { XTitle = "epoch", WholeX = true, FromZero = true, LogY = SpansDecades(losses, 100), Markers = markers, Highlight = highlight },
            new LineChart("Top-1 accuracy", accuracies) { XTitle = "epoch", WholeX = true, PercentY = true, RangeY = (0, 1), Markers = markers, Highlight = highlight });

        // A linear rate: the tail of a cosine would stretch a logarithmic axis over decades that matter to nobody.
        var strips = new List<Func<double, LineChart>> { Strip("Learning rate", Schedule("learning rate", row => row.LearningRate)) };
        if (firstFive.Points.Count > 0)
            strips.Add(width => new LineChart("Validation top-5 accuracy", [firstFive]) { Width = width, XTitle = "epoch", WholeX = true, PercentY = true, Height = 150, Highlight = highlight });
        strips.Add(Strip("Training images per second", new ChartSeries("images/s", [.. epochs.Select(row => new ChartPoint(row.Epoch, row.ImagesPerSecond))])));
        if (sizes.Length > 1 && !marked)
            strips.Add(Strip("Size in pixels", Schedule("size", row => row.Size)));
        // Three stand in a row, narrower.
        page.Add("", [.. strips.Select(strip => strip(strips.Count == 3 ? NarrowWidth : Width))]);

        static Func<double, LineChart> Strip(string title, ChartSeries line) => width => new(title, [line]) { Width = width, XTitle = "epoch", WholeX = true, Height = 150, FromZero = true };
    }

    private static bool SpansDecades(ChartSeries[] lines, double ratio)
    {
        var values = lines.SelectMany(line => line.Points).Select(point => point.Y).Where(double.IsFinite).ToList();
        return values.Count > 1 && values.Min() > 0 && values.Max() / values.Min() >= ratio;
    }

    private static void AddClasses(HtmlPage page, EvaluationResult result)
    {
        ConfusionMatrix confusion = result.Confusion;
        var table = new ConfusionTable(result.ClassNames, (label, predicted) => confusion[label, predicted]);
        var bars = result.ClassNames.Select((name, label) => new BarItem(
            name,
            confusion.AccuracyOf(label),
            ReportNumber.Percent(confusion.AccuracyOf(label)),
            confusion.ImagesOf(label) is var images and > 0 ? $"{Text(confusion[label, label])} of {Text(images)}" : "no images"));
        page.Add("Classes", table, new BarList("Accuracy by class, lowest first", [.. bars]) { IsWide = table.IsWide });
    }

    private static DataTable EpochTable(RunResult run)
    {
        var rows = run.Epochs.Select(epoch => (IReadOnlyList<string>)
        [
            Text(epoch.Epoch),
            Text(epoch.Size),
            ReportNumber.Significant(epoch.LearningRate),
            ReportNumber.Significant(epoch.TrainLoss),
            ReportNumber.Percent(epoch.TrainTop1),
            ReportNumber.Significant(epoch.ValidationLoss),
            ReportNumber.Percent(epoch.ValidationTop1),
            ReportNumber.Percent(epoch.ValidationTop5),
            ReportNumber.Rate(epoch.Seconds),
            ReportNumber.Rate(epoch.ImagesPerSecond),
        ]);
        return new DataTable(
            ["Epoch", "Size", "Learning rate", "Loss", "Top-1", "Validation loss", "Validation top-1", "Validation top-5", "Seconds", "Images/s"],
            [.. rows])
        {
            Marked = run.Epochs.ToList().FindIndex(epoch => epoch.Epoch == run.Best.Epoch),
        };
    }

    private static string TextOf(AugmentationOptions options)
    {
        var culture = CultureInfo.InvariantCulture;
        List<string> parts = [options.Crop.ToString()];
        if (options.RandAugmentOperations > 0) parts.Add(string.Create(culture, $"RandAugment {options.RandAugmentOperations} x {options.RandAugmentMagnitude}"));
        if (options.ErasingProbability > 0) parts.Add(string.Create(culture, $"erasing {options.ErasingProbability}"));
        if (options.Mixup > 0) parts.Add(string.Create(culture, $"mixup {options.Mixup}"));
        if (options.CutMix > 0) parts.Add(string.Create(culture, $"CutMix {options.CutMix}"));
        return string.Join(", ", parts);
    }

    private static IEnumerable<NamedValue> Options(TrainerOptions options)
    {
        var culture = CultureInfo.InvariantCulture;
        yield return new("sizes", string.Join(", ", options.Sizes) + (options.SizePolicy == SizePolicy.RandomSize ? " (random between them)" : ""));
        yield return new("crop", string.Create(culture, $"{options.EffectiveCropSize} px of images with shorter side {options.EffectiveResizeSide} px"));
        yield return new("epochs", options.Epochs.ToString(culture));
        yield return new("batch", options.GradientAccumulation == 1 ? options.BatchSize.ToString(culture) : string.Create(culture, $"{options.BatchSize} x {options.GradientAccumulation}"));
        yield return new("optimiser", options.Optimiser.ToString());
        yield return new("learning rate", options.LearningRate.ToString("G4", culture));
        yield return new("schedule", options.Schedule.ToString());
        yield return new("momentum", options.Momentum.ToString("G4", culture));
        yield return new("weight decay", options.WeightDecay.ToString("G4", culture));
        yield return new("label smoothing", options.LabelSmoothing.ToString("G4", culture));
        yield return new("focal exponent", options.FocalExponent.ToString("G4", culture));
        yield return new("weight average", options.EmaDecay == 0 ? "off" : options.EmaDecay.ToString("G6", culture));
        yield return options.FixedViews > 0 ? new("fixed views", options.FixedViews.ToString(culture)) : new("augmentation", TextOf(options.Augmentation));
        yield return new("input normalisation", options.Normalisation.ToString());
        yield return new("validation view", options.EvaluationView.ToString());
        yield return new("seed", options.Seed.ToString(culture));
    }

    private static IEnumerable<string> Notes(RunResult run, EvaluationResult result)
    {
        if (run.Outcome == RunOutcome.Interrupted) yield return "The run was interrupted; this is the best epoch so far.";
        if (run.Outcome == RunOutcome.StoppedEarly) yield return "The run was stopped early: the validation accuracy no longer improved.";
        foreach (string name in run.Undecodable) yield return $"Could not be decoded and was skipped in training: {name}";
        foreach (string name in result.Undecodable) yield return $"Could not be decoded and was skipped in validation: {name}";
    }

    private static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);
}
