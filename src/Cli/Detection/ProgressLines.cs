using IlgpuSpp.Cli.Training;

namespace IlgpuSpp.Cli.Detection;

/// <summary>Where a detector's training or test is, on the stages' display; measurements and the ends of stages stay as lines.</summary>
internal sealed class ProgressLines(StageDisplay display) : IProgress<DetectorProgress>, IProgress<TrainingProgress>
{
    // Windows are drawn over and over between the steps of fine-tuning.
    public void Report(DetectorProgress value) =>
        display.Report(value.Stage, value.Done, value.Total, value.Note, keep: (value.Done >= value.Total && value.Stage != "windows") || value.Stage.StartsWith("fine", StringComparison.Ordinal));

    /// <summary>The training of the network that a detector starts from.</summary>
    public void Report(TrainingProgress value)
    {
        if (value.EpochEnd is { } epoch)
            display.Report("pre-training", value.Epoch, value.Epochs, RunSummary.Epoch(epoch, value.Epochs), keep: true);
        else if (value.Phase != TrainingPhase.Finished)
            display.Report($"pre-training: {TrainingPanel.PhaseName(value.Phase)}{(value.Epoch > 0 ? $", epoch {value.Epoch} of {value.Epochs}" : "")}", value.Step, value.Steps);
    }
}
