namespace IlgpuSpp.Training;

/// <summary>Where a run is; reported at most every <see cref="TrainerOptions.ProgressInterval"/> and at every change of phase.</summary>
public sealed record TrainingProgress
{
    /// <summary>What the run is doing.</summary>
    public required TrainingPhase Phase { get; init; }

    /// <summary>The epoch, from 1; 0 before the first.</summary>
    public int Epoch { get; init; }

    /// <summary>Number of epochs asked for.</summary>
    public int Epochs { get; init; }

    /// <summary>Batches done in this epoch, images done of the decoding or the evaluation, or rows of features.</summary>
    public int Step { get; init; }

    /// <summary>Batches of this epoch, images of the decoding or the evaluation, or rows of features; 0 where it is not known.</summary>
    public int Steps { get; init; }

    /// <summary>Mean training loss of this epoch so far; NaN before the first batch.</summary>
    public double Loss { get; init; } = double.NaN;

    /// <summary>Share of this epoch's training images classified right so far, 0 to 1; NaN before the first batch.</summary>
    public double Accuracy { get; init; } = double.NaN;

    /// <summary>Training images a second in this epoch so far; 0 before the first batch.</summary>
    public double ImagesPerSecond { get; init; }

    /// <summary>The learning rate of the last step.</summary>
    public double LearningRate { get; init; }

    /// <summary>Side of the training input in pixels.</summary>
    public int Size { get; init; }

    /// <summary>Time since the run (or its resumption) began.</summary>
    public TimeSpan Elapsed { get; init; }

    /// <summary>Estimate of the time to the end of the last epoch, or null while there is nothing to judge by.</summary>
    public TimeSpan? Remaining { get; init; }

    /// <summary>Training images skipped so far because they could not be decoded.</summary>
    public int Undecodable { get; init; }

    /// <summary>Rows of features that came from the cache so far; only in <see cref="TrainingPhase.Features"/>.</summary>
    public int FromCache { get; init; }

    /// <summary>How the processes of a distributed run did in this epoch; only in <see cref="TrainingPhase.EpochEnd"/>, null for one process.</summary>
    public RankProgress? Ranks { get; init; }

    /// <summary>The epoch's numbers; present exactly in <see cref="TrainingPhase.EpochEnd"/>.</summary>
    public EpochMetrics? EpochEnd { get; init; }
}

/// <summary>How the processes (ranks) of a distributed run did.</summary>
/// <param name="Count">Number of ranks.</param>
/// <param name="Slowest">The rank that computed longest.</param>
/// <param name="SlowestHost">Its machine.</param>
/// <param name="SlowestFactor">How many times as long as the ranks' mean it did, at least 1.</param>
/// <param name="CommunicationShare">Share of the steps' time that this rank spent in exchanging and waiting for the others, 0 to 1.</param>
public sealed record RankProgress(int Count, int Slowest, string SlowestHost, double SlowestFactor, double CommunicationShare);

/// <summary>What a training run is doing.</summary>
public enum TrainingPhase
{
    /// <summary>Plans, folders, checkpoints.</summary>
    Preparing,

    /// <summary>Decoding the training images and measuring their colours.</summary>
    Decoding,

    /// <summary>Running the frozen layers once on every image and view, or finding what they gave.</summary>
    Features,

    /// <summary>Training steps.</summary>
    Training,

    /// <summary>Measuring on the validation images.</summary>
    Evaluating,

    /// <summary>An epoch is over; <see cref="TrainingProgress.EpochEnd"/> holds its numbers.</summary>
    EpochEnd,

    /// <summary>The run is over.</summary>
    Finished,
}
