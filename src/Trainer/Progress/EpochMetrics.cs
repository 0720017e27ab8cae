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

    /// <summary>Training images a second, evaluation not counted.</summary>
    public required double ImagesPerSecond { get; init; }

    /// <summary>Seconds of the epoch, evaluation included.</summary>
    public required double Seconds { get; init; }
}
