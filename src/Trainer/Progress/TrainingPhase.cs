namespace IlgpuSpp.Training;

/// <summary>What a training run is doing.</summary>
public enum TrainingPhase
{
    /// <summary>Plans, folders, checkpoints.</summary>
    Preparing,

    /// <summary>Decoding the training images and measuring their colours.</summary>
    Decoding,

    /// <summary>Training steps.</summary>
    Training,

    /// <summary>Measuring on the validation images.</summary>
    Evaluating,

    /// <summary>An epoch is over; <see cref="TrainingProgress.EpochEnd"/> holds its numbers.</summary>
    EpochEnd,

    /// <summary>The run is over.</summary>
    Finished,
}
