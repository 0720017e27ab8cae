using IlgpuSpp.Cli.Commands;
using IlgpuSpp.Cli.Output;
using IlgpuSpp.Training;

namespace IlgpuSpp.Cli.Training;

/// <summary>One JSON object an event for programs: phase, started, progress (at most one a second), epoch, note, stopping, finished.</summary>
internal sealed class JsonDisplay(TextWriter writer) : ITrainingDisplay
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private TrainingPhase _phase;
    private TimeSpan _last = -Interval;

    public void Phase(string name, int done, int total)
    {
        if (done == 0) Write(new { Event = "phase", Name = name });
    }

    public void Started(TrainingHeadline headline) => Write(new
    {
        Event = "started",
        headline.Request.Model,
        Data = headline.Request.Data.Name,
        headline.Request.RunFolder,
        Parameters = headline.Model.Network.ParameterCount,
        Pyramid = headline.Request.ModelOptions.Pyramid.ToArray(),
        Sizes = headline.Request.Options.Sizes.ToArray(),
        TrainImages = headline.Train.Count,
        ValidationImages = headline.Validation.Count,
        Classes = headline.Train.ClassNames.Count,
        headline.Request.Options.Epochs,
        Batch = headline.Request.Options.BatchSize,
        Device = headline.Device.Name,
        Threads = headline.Device.Parallelism,
    });

    public void Note(string line) => Write(new { Event = "note", Text = line });

    public void Stopping() => Write(new { Event = "stopping" });

    public void Report(TrainingProgress value)
    {
        if (value.EpochEnd is { } epoch)
        {
            Write(new
            {
                Event = "epoch",
                epoch.Epoch,
                value.Epochs,
                epoch.Size,
                Lr = epoch.LearningRate,
                epoch.TrainLoss,
                epoch.TrainTop1,
                ValLoss = epoch.ValidationLoss,
                ValTop1 = epoch.ValidationTop1,
                ValTop5 = epoch.ValidationTop5,
                epoch.ImagesPerSecond,
                epoch.TrainSeconds,
                EvalSeconds = epoch.EvaluationSeconds,
                epoch.Seconds,
            });
            return;
        }
        if (value.Phase == TrainingPhase.Finished || (value.Phase == _phase && value.Elapsed - _last < Interval)) return;
        (_phase, _last) = (value.Phase, value.Elapsed);
        Write(new
        {
            Event = "progress",
            Phase = Kebab.Of(value.Phase),
            value.Epoch,
            value.Epochs,
            value.Step,
            value.Steps,
            Loss = Known(value.Loss),
            Top1 = Known(value.Accuracy),
            Lr = value.LearningRate > 0 ? value.LearningRate : (double?)null,
            ImagesPerSecond = value.ImagesPerSecond > 0 ? value.ImagesPerSecond : (double?)null,
            ElapsedSeconds = value.Elapsed.TotalSeconds,
            RemainingSeconds = value.Remaining?.TotalSeconds,
        });
    }

    public void Finished(RunResult result) => Write(new
    {
        Event = "finished",
        Outcome = Kebab.Of(result.Outcome),
        Epochs = result.Epochs.Count,
        BestEpoch = result.BestOrNull?.Epoch,
        result.BestOrNull?.Top1,
        result.BestOrNull?.Top5,
        result.BestOrNull?.Loss,
        Seconds = result.TrainingTime.TotalSeconds,
        result.RunFolder,
        Model = result.BestOrNull is null ? null : result.BestModel,
        Undecodable = result.Undecodable.Count,
    });

    public void Dispose()
    {
        // Nothing is held.
    }

    private static double? Known(double value) => double.IsNaN(value) ? null : value;

    private void Write<T>(T value)
    {
        lock (_gate) writer.WriteLine(JsonLine.Of(value));
    }
}
