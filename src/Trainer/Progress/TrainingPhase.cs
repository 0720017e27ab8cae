namespace IlgpuSpp.Training;

/// <summary>What a training run is doing.</summary>
public enum TrainingPhase
{
    /// <summary>Statistics of the training images, plans, folders.</summary>
    Preparing,

    /// <summary>Training steps.</summary>
    Training,

    /// <summary>Measuring on the validation images.</summary>
    Evaluating,

    /// <summary>An epoch is over; <see cref="TrainingProgress.EpochEnd"/> holds its numbers.</summary>
    EpochEnd,

    /// <summary>The run is over.</summary>
    Finished,
}
