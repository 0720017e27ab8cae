using System.Text.Json.Serialization;
using IlgpuSpp.Cli.Commands;

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
        if (done == 0) Write(new PhaseEvent(name));
    }

    public void Started(TrainingHeadline headline) => Write(new StartedEvent(
        headline.Request.Model,
        headline.Request.Data.Name,
        headline.Request.RunFolder,
        headline.Model.Network.ParameterCount,
        [.. headline.Request.ModelOptions.Pyramid],
        [.. headline.Request.Options.Sizes],
        headline.Train.Count,
        headline.Validation.Count,
        headline.Train.ClassNames.Count,
        headline.Request.Options.Epochs,
        headline.Request.Options.BatchSize,
        headline.Device.Name,
        headline.Device.Parallelism));

    public void Note(string line) => Write(new NoteEvent(line));

    public void Stopping() => Write(new StoppingEvent());

    public void Report(TrainingProgress value)
    {
        if (value.EpochEnd is { } epoch)
        {
            Write(new EpochEvent(
                epoch.Epoch, value.Epochs, epoch.Size, epoch.LearningRate, epoch.TrainLoss, epoch.TrainTop1, epoch.ValidationLoss, epoch.ValidationTop1, epoch.ValidationTop5,
                epoch.ImagesPerSecond, epoch.TrainSeconds, epoch.EvaluationSeconds, epoch.Seconds,
                value.Ranks?.Count, value.Ranks?.CommunicationShare, value.Ranks?.Slowest, value.Ranks?.SlowestHost));
            return;
        }
        if (value.Phase == TrainingPhase.Finished || (value.Phase == _phase && value.Elapsed - _last < Interval && RunSummary.Features(value) is null)) return;
        (_phase, _last) = (value.Phase, value.Elapsed);
        Write(new ProgressEvent(
            Kebab.Of(value.Phase), value.Epoch, value.Epochs, value.Step, value.Steps, Known(value.Loss), Known(value.Accuracy),
            value.LearningRate > 0 ? value.LearningRate : null,
            value.ImagesPerSecond > 0 ? value.ImagesPerSecond : null,
            value.Elapsed.TotalSeconds, value.Remaining?.TotalSeconds, value.Phase == TrainingPhase.Features ? value.FromCache : null));
    }

    public void Finished(RunResult result) => Write(new FinishedEvent(
        Kebab.Of(result.Outcome), result.Epochs.Count, result.BestOrNull?.Epoch, result.BestOrNull?.Top1, result.BestOrNull?.Top5, result.BestOrNull?.Loss,
        result.TrainingTime.TotalSeconds, result.RunFolder, result.BestOrNull is null ? null : result.BestModel, result.Undecodable.Count));

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

/// <summary>One line about a run.</summary>
/// <param name="Event">What happened; comes first in the line.</param>
internal abstract record RunEvent([property: JsonPropertyOrder(-1)] string Event);

internal sealed record PhaseEvent(string Name) : RunEvent("phase");

internal sealed record StartedEvent(
    string Model, string Data, string RunFolder, long Parameters, int[] Pyramid, int[] Sizes, int TrainImages, int ValidationImages, int Classes, int Epochs, int Batch, string Device, int Threads)
    : RunEvent("started");

internal sealed record NoteEvent(string Text) : RunEvent("note");

internal sealed record StoppingEvent() : RunEvent("stopping");

internal sealed record EpochEvent(
    int Epoch, int Epochs, int Size, double Lr, double TrainLoss, double TrainTop1, double? ValLoss, double? ValTop1, double? ValTop5, double ImagesPerSecond, double TrainSeconds, double EvalSeconds,
    double Seconds, int? Ranks, double? CommunicationShare, int? SlowestRank, string? SlowestHost)
    : RunEvent("epoch");

internal sealed record ProgressEvent(
    string Phase, int Epoch, int Epochs, int Step, int Steps, double? Loss, double? Top1, double? Lr, double? ImagesPerSecond, double ElapsedSeconds, double? RemainingSeconds, int? FromCache)
    : RunEvent("progress");

internal sealed record FinishedEvent(
    string Outcome, int Epochs, int? BestEpoch, double? Top1, double? Top5, double? Loss, double Seconds, string RunFolder, string? Model, int Undecodable)
    : RunEvent("finished");
