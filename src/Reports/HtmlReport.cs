using System.Globalization;
using System.Text;
using IlgpuSpp.Engine;

namespace IlgpuSpp.Reports;

/// <summary>Turns the record of a training run into one self-contained HTML page: no scripts, no files or addresses from elsewhere.</summary>
internal static class HtmlReport
{
    // More sizes than there are markers, or points closer than a marker is wide, get a strip of their own.
    private const int MostMarkedSizes = 4;
    private const int MostMarkedEpochs = 90;

    private const double Width = 560, NarrowWidth = 380;

    /// <summary>Writes the page.</summary>
    /// <param name="report">The run.</param>
    /// <returns>The page: HTML that is also well-formed XML.</returns>
    /// <exception cref="ArgumentException">The confusion matrix does not have one row and one column a class.</exception>
    public static string Render(RunReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        var page = new HtmlPage(report.Title)
        {
            Facts =
            [
                new("Network", report.Architecture),
                new("Device", report.Device),
                new("Data", report.DatasetSummary),
                new("Started", ReportNumber.Time(report.Started)),
            ],
            Footer = "Written by IlgpuSpp. Everything in this page is in this file.",
        };
        page.Add("", new SummaryTiles(Tiles(report)), new NoteList(report.Notes));
        if (report.Epochs.Count > 0)
            AddCurves(page, report);
        AddClasses(page, report);
        if (report.Samples.Count > 0)
            page.Add("Sample predictions", new ImageGrid([.. report.Samples.Select(Card)])
            {
                Hint = "The true class in bold, under it the most probable classes.",
            });
        if (report.Command.Length > 0)
            page.Add("The same run again", new CommandLine(report.Command));
        if (report.Options.Count > 0)
            page.Add("Options", new ValueList(report.Options));
        if (report.Epochs.Count > 0)
            page.AddFolded("All epochs", EpochTable(report));
        return page.Render();
    }

    /// <summary>Writes the page to a file, first under a temporary name beside it: a reader sees the old page or the new one, never half of one.</summary>
    /// <param name="path">The file; replaced where it exists. Its folder must exist.</param>
    /// <param name="report">The run.</param>
    /// <exception cref="ArgumentException">The confusion matrix does not have one row and one column a class.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">Writing there is not allowed.</exception>
    public static void Write(string path, RunReport report)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        byte[] page = Encoding.UTF8.GetBytes(Render(report));
        AtomicFile.Write(path, stream => stream.Write(page));
    }

    private static List<SummaryTile> Tiles(RunReport report)
    {
        var tiles = new List<SummaryTile>();
        var best = report.Epochs.FirstOrDefault(row => row.Epoch == report.BestEpoch);
        if (best is not null)
        {
            tiles.Add(new("Best top-1", ReportNumber.Percent(best.ValidationTop1), $"top-5 {ReportNumber.Percent(best.ValidationTop5)}, loss {ReportNumber.Significant(best.ValidationLoss)}"));
            tiles.Add(new("Best epoch", Text(best.Epoch), $"of {Text(report.Epochs.Count)}, at {Text(best.Size)} px"));
        }
        else
        {
            tiles.Add(new("Best top-1", "–", "not validated"));
            tiles.Add(new("Epochs", Text(report.Epochs.Count), ""));
        }

        if (report.Epochs.Count > 0)
        {
            var rates = report.Epochs.Select(row => row.ImagesPerSecond).Order().ToList();
            var median = (rates[(rates.Count - 1) / 2] + rates[rates.Count / 2]) / 2;
            tiles.Add(new("Images per second", ReportNumber.Rate(median), "training, median of the epochs"));
        }

        tiles.Add(new("Time", ReportNumber.Duration(report.Duration), report.Epochs.Count > 0
            ? $"{ReportNumber.Duration(TimeSpan.FromSeconds(report.Duration.TotalSeconds / report.Epochs.Count))} an epoch"
            : ""));
        return tiles;
    }

    private static void AddCurves(HtmlPage page, RunReport report)
    {
        var epochs = report.Epochs;
        int[] sizes = [.. epochs.Select(row => row.Size).Distinct().OrderDescending()];
        var marked = sizes.Length is > 1 and <= MostMarkedSizes && epochs.Count <= MostMarkedEpochs;
        ChartMarker MarkerOf(int size) => marked ? (ChartMarker)(1 + Array.IndexOf(sizes, size)) : ChartMarker.None;
        MarkerKey[] markers = marked ? [.. sizes.Select(size => new MarkerKey(MarkerOf(size), $"{Text(size)} px"))] : [];
        (double, string)? highlight = report.BestEpoch is { } best ? (best, "best") : null;

        ChartSeries Train(Func<EpochRow, double> value) =>
            new("training", [.. epochs.Select(row => new ChartPoint(row.Epoch, value(row), MarkerOf(row.Size)))]);
        ChartSeries Validation(string name, Func<EpochRow, double?> value) =>
            new(name, [.. epochs.Where(row => value(row).HasValue).Select(row => new ChartPoint(row.Epoch, value(row)!.Value))]);
        ChartSeries Schedule(string name, Func<EpochRow, double> value) =>
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

    private static void AddClasses(HtmlPage page, RunReport report)
    {
        var parts = new List<IHtmlPart>();
        var confusion = report.ConfusionMatrix is { } matrix ? new ConfusionTable(report.Classes, matrix) : null;
        if (confusion is not null)
            parts.Add(confusion);
        if (report.PerClass.Count > 0)
        {
            var bars = report.PerClass.Select(result => new BarItem(
                result.Name,
                result.Accuracy,
                ReportNumber.Percent(result.Accuracy),
                result.Images > 0 ? $"{Text(result.Correct)} of {Text(result.Images)}" : "no images"));
            parts.Add(new BarList("Accuracy by class, lowest first", [.. bars]) { IsWide = confusion?.IsWide ?? false });
        }

        if (parts.Count > 0)
            page.Add("Classes", [.. parts]);
    }

    private static ImageCard Card(ReportSample sample) => new(
        sample.Image,
        sample.TrueClass,
        [.. sample.Guesses.Select(guess => new BarItem(guess.Name, guess.Probability, ReportNumber.Percent(guess.Probability), ""))],
        sample.File,
        sample.Correct ? CardMark.Right : CardMark.Wrong);

    private static DataTable EpochTable(RunReport report)
    {
        var rows = report.Epochs.Select(row => (IReadOnlyList<string>)
        [
            Text(row.Epoch),
            Text(row.Size),
            ReportNumber.Significant(row.LearningRate),
            ReportNumber.Significant(row.TrainLoss),
            ReportNumber.Percent(row.TrainTop1),
            ReportNumber.Significant(row.ValidationLoss),
            ReportNumber.Percent(row.ValidationTop1),
            ReportNumber.Percent(row.ValidationTop5),
            ReportNumber.Rate(row.Seconds),
            ReportNumber.Rate(row.ImagesPerSecond),
        ]);
        var best = report.Epochs.ToList().FindIndex(row => row.Epoch == report.BestEpoch);
        return new DataTable(
            ["Epoch", "Size", "Learning rate", "Loss", "Top-1", "Validation loss", "Validation top-1", "Validation top-5", "Seconds", "Images/s"],
            [.. rows])
        {
            Marked = best >= 0 ? best : null,
        };
    }

    private static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);
}
