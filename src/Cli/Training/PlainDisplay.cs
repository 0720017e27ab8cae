using System.Globalization;
using IlgpuSpp.Training;

namespace IlgpuSpp.Cli.Training;

/// <summary>One line an epoch, and one every few seconds inside long epochs: for files and pipes.</summary>
internal sealed class PlainDisplay : ITrainingDisplay
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);
    private TimeSpan _last;

    public void Started(TrainingHeadline headline)
    {
        foreach (string line in headline.Lines()) Console.WriteLine(line);
    }

    public void Note(string line) => Console.WriteLine(line);

    public void Report(TrainingProgress value)
    {
        if (value.EpochEnd is { } epoch)
        {
            Console.WriteLine(RunSummary.Epoch(epoch, value.Epochs));
            _last = value.Elapsed;
        }
        else if (value.Phase == TrainingPhase.Training && value.Elapsed - _last > Interval)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"epoch {value.Epoch}/{value.Epochs}  step {value.Step}/{value.Steps}  loss {value.Loss:F4} top-1 {100 * value.Accuracy:F1} %  {value.ImagesPerSecond:F0} images/s{(value.Remaining is { } left ? $"  {RunSummary.Duration(left)} left" : "")}"));
            _last = value.Elapsed;
        }
    }

    public void Finished(RunResult result)
    {
        foreach (string line in RunSummary.Result(result)) Console.WriteLine(line);
    }

    public void Dispose()
    {
        // Nothing is held.
    }
}
