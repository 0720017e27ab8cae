using System.Globalization;

namespace IlgpuSpp.Cli.Training;

/// <summary>One line an epoch, and one every few seconds inside long phases: for files and pipes.</summary>
/// <param name="write">Receives the lines.</param>
internal sealed class PlainDisplay(Action<string> write) : ITrainingDisplay
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);
    private TimeSpan _last;

    public void Phase(string name, int done, int total)
    {
        // What is done is told, not what is begun: a short run would be mostly such lines.
    }

    public void Started(TrainingHeadline headline)
    {
        foreach (string line in headline.Lines()) write(line);
    }

    public void Note(string line) => write(line);

    public void Stopping() => write(TrainingDisplay.StoppingLine);

    public void Report(TrainingProgress value)
    {
        if (value.EpochEnd is { } epoch)
        {
            write(RunSummary.Epoch(epoch, value.Epochs));
            if (RunSummary.Ranks(value) is { } ranks) write(ranks);
            _last = value.Elapsed;
        }
        else if (RunSummary.Features(value) is { } features)
        {
            write(features);
            _last = value.Elapsed;
        }
        else if (value.Steps > 0 && value.Elapsed - _last > Interval)
        {
            string where = value.Epoch > 0 ? $"epoch {value.Epoch}/{value.Epochs}  " : "";
            write(value.Phase == TrainingPhase.Training
                ? string.Create(CultureInfo.InvariantCulture, $"{where}step {value.Step}/{value.Steps}  loss {value.Loss:F4}  top-1 {100 * value.Accuracy:F1} %  {value.ImagesPerSecond:F0} images/s{(value.Remaining is { } left ? $"  {RunSummary.Duration(left)} left" : "")}")
                : string.Create(CultureInfo.InvariantCulture, $"{where}{TrainingPanel.PhaseName(value.Phase)} {value.Step}/{value.Steps}"));
            _last = value.Elapsed;
        }
    }

    public void Finished(RunResult result)
    {
        foreach (string line in RunSummary.Result(result)) write(line);
    }

    public void Dispose()
    {
        // Nothing is held.
    }
}
