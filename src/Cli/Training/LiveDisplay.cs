using System.Globalization;
using IlgpuSpp.Training;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace IlgpuSpp.Cli.Training;

/// <summary>
/// A terminal's display: finished epochs scroll by as lines, below them a panel with the running epoch is drawn again
/// at every report.
/// </summary>
internal sealed class LiveDisplay : ITrainingDisplay
{
    private const int BarWidth = 40;

    private readonly IAnsiConsole _console = AnsiConsole.Console;
    private readonly object _drawing = new();
    private int _panelLines;

    public void Started(TrainingHeadline headline)
    {
        foreach (string line in headline.Lines()) _console.MarkupLineInterpolated($"[bold]{line}[/]");
    }

    public void Note(string line) => Above(() => _console.MarkupLineInterpolated($"[yellow]{line}[/]"));

    public void Report(TrainingProgress value)
    {
        if (value.EpochEnd is { } epoch) Above(() => _console.WriteLine(RunSummary.Epoch(epoch, value.Epochs)));
        else if (value.Phase != TrainingPhase.Finished) Draw(Panel(value));
    }

    public void Finished(RunResult result)
    {
        Clear();
        foreach (string line in RunSummary.Result(result)) _console.MarkupLineInterpolated($"[bold]{line}[/]");
    }

    public void Dispose() => Clear();

    private static Grid Panel(TrainingProgress value)
    {
        double done = value.Steps == 0 ? 0 : Math.Clamp((double)value.Step / value.Steps, 0, 1);
        int filled = (int)(done * BarWidth);
        var culture = CultureInfo.InvariantCulture;
        string phase = value.Phase switch
        {
            TrainingPhase.Preparing => "preparing",
            TrainingPhase.Evaluating => "evaluating",
            _ => "training",
        };
        var grid = new Grid().AddColumn(new GridColumn().NoWrap()).AddColumn(new GridColumn().NoWrap());
        grid.AddRow(new Markup($"[bold]epoch {value.Epoch}/{value.Epochs}[/]"),
            new Markup(string.Create(culture, $"[green]{new string('━', filled)}[/][grey]{new string('━', BarWidth - filled)}[/] {phase} {value.Step}/{value.Steps}")));
        string loss = double.IsNaN(value.Loss) ? "-" : value.Loss.ToString("F4", culture);
        string accuracy = double.IsNaN(value.Accuracy) ? "-" : (100 * value.Accuracy).ToString("F1", culture) + " %";
        grid.AddRow(new Markup($"size {value.Size}"),
            new Markup(string.Create(culture, $"loss [bold]{loss}[/]  top-1 [bold]{accuracy}[/]  lr {value.LearningRate:G4}  {value.ImagesPerSecond:F0} images/s  {RunSummary.Duration(value.Elapsed)} gone{(value.Remaining is { } left ? $", {RunSummary.Duration(left)} left" : "")}")));
        return grid;
    }

    private void Above(Action write)
    {
        lock (_drawing)
        {
            Clear();
            write();
        }
    }

    private void Draw(IRenderable panel)
    {
        lock (_drawing)
        {
            Clear();
            _console.Write(panel);
            _panelLines = 2;
        }
    }

    // Moves to the panel's first line and clears from there to the end of the screen.
    private void Clear()
    {
        lock (_drawing)
        {
            if (_panelLines == 0) return;
            Console.Out.Write($"\u001b[{_panelLines}A\r\u001b[J");
            _panelLines = 0;
        }
    }
}
