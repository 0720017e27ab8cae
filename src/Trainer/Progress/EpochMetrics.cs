namespace IlgpuSpp.Training;

/// <summary>The numbers of one epoch: a line of <c>metrics.csv</c>. Accuracies are shares from 0 to 1.</summary>
public sealed record EpochMetrics
{
    /// <summary>The epoch, from 1.</summary>
    public required int Epoch { get; init; }

    /// <summary>Side of the training input in pixels.</summary>
    public required int Size { get; init; }

    /// <summary>The learning rate of the epoch's last step.</summary>
    public required double LearningRate { get; init; }

    /// <summary>Mean loss over the training images, as they were seen (augmented, before each step).</summary>
    public required double TrainLoss { get; init; }

    /// <summary>Share of the training images whose best class was right, as they were seen.</summary>
    public required double TrainTop1 { get; init; }

    /// <summary>Mean loss over the validation images, without label smoothing; null in an epoch without evaluation.</summary>
    public double? ValidationLoss { get; init; }

    /// <summary>Share of the validation images whose best class was right; null in an epoch without evaluation.</summary>
    public double? ValidationTop1 { get; init; }

    /// <summary>Share of the validation images whose class was among the best five; null in an epoch without evaluation.</summary>
    public double? ValidationTop5 { get; init; }

    /// <summary>Training images a second of <see cref="TrainSeconds"/>.</summary>
    public required double ImagesPerSecond { get; init; }

    /// <summary>Seconds of training steps, the wait for images included.</summary>
    public double TrainSeconds { get; init; }

    /// <summary>Seconds of the evaluation; 0 in an epoch without one.</summary>
    public double EvaluationSeconds { get; init; }

    /// <summary>
    /// Seconds of the epoch with everything: training, evaluation, saving, and in the first the preparation of the images.
    /// Those of all epochs add up to the time of the run.
    /// </summary>
    public required double Seconds { get; init; }

    internal EpochMetrics WithoutTimes() => this with { ImagesPerSecond = 0, TrainSeconds = 0, EvaluationSeconds = 0, Seconds = 0 };

    internal EpochMetrics WithTimesOf(EpochMetrics other) => this with
    {
        ImagesPerSecond = other.ImagesPerSecond,
        TrainSeconds = other.TrainSeconds,
        EvaluationSeconds = other.EvaluationSeconds,
        Seconds = other.Seconds,
    };
}
