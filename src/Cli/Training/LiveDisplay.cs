using System.Runtime.InteropServices;

namespace IlgpuSpp.Cli.Training;

/// <summary>
/// A terminal's display: finished epochs scroll by as lines, below them a panel with the running epoch is drawn again at
/// every report and after every resize.
/// </summary>
internal sealed class LiveDisplay : ITrainingDisplay
{
    private readonly LivePanel _panel;
    private readonly PosixSignalRegistration? _resized;
    private Func<int, IReadOnlyList<Piece[]>> _lines = _ => [];
    private volatile bool _stopping;

    public LiveDisplay(LivePanel panel)
    {
        _panel = panel;
        if (!OperatingSystem.IsWindows()) _resized = PosixSignalRegistration.Create(PosixSignal.SIGWINCH, _ => _panel.Redraw());
    }

    public void Phase(string name, int done, int total) => Show(columns => [TrainingPanel.Phase(name, done, total, columns, _panel)]);

    public void Started(TrainingHeadline headline)
    {
        foreach (string line in headline.Lines()) _panel.WriteAbove(line, Tint.Strong);
    }

    public void Note(string line) => _panel.WriteAbove(line, Tint.Warning);

    public void Report(TrainingProgress value)
    {
        if (value.EpochEnd is { } epoch)
        {
            _panel.WriteAbove(columns => RunSummary.Epoch(epoch, value.Epochs, columns), Tint.Plain);
            if (RunSummary.Ranks(value) is { } ranks) _panel.WriteAbove(ranks, Tint.Plain);
        }
        else if (RunSummary.Features(value) is { } features) _panel.WriteAbove(features, Tint.Plain);
        else if (value.Phase != TrainingPhase.Finished) Show(columns => TrainingPanel.Lines(value, columns, _panel));
    }

    public void Stopping()
    {
        _stopping = true;
        _panel.Draw(Layout);
    }

    public void Finished(RunResult result)
    {
        _panel.Clear();
        foreach (string line in RunSummary.Result(result)) _panel.WriteAbove(line, Tint.Strong);
    }

    public void Dispose()
    {
        _resized?.Dispose();
        _panel.Clear();
    }

    private void Show(Func<int, IReadOnlyList<Piece[]>> lines)
    {
        _lines = lines;
        _panel.Draw(Layout);
    }

    private IReadOnlyList<Piece[]> Layout(int columns)
    {
        IReadOnlyList<Piece[]> lines = _lines(columns);
        return _stopping ? [.. lines, [new Piece(TrainingDisplay.StoppingLine, Tint.Warning)]] : lines;
    }
}
