namespace IlgpuSpp.Training;

/// <summary>Where a run is, besides its tensors: stored in the metadata of <c>last.safetensors</c>.</summary>
internal sealed record RunState
{
    public const int CurrentVersion = 1;

    /// <summary>Version of this record.</summary>
    public int Version { get; init; } = CurrentVersion;

    /// <summary>The present epoch, from 0; the number of epochs when all are done.</summary>
    public required int Epoch { get; init; }

    /// <summary>Batches of the present epoch that are done. All of them: only the evaluation is missing.</summary>
    public required int Batch { get; init; }

    /// <summary>Batches done in all epochs: the step of the random numbers.</summary>
    public required long Steps { get; init; }

    /// <summary>Weight updates done in all epochs.</summary>
    public required long Updates { get; init; }

    /// <summary>Learning rate of the last update.</summary>
    public required double LearningRate { get; init; }

    /// <summary>Sums of the present epoch.</summary>
    public required EpochTotals Totals { get; init; }

    /// <summary>What the schedule has learnt.</summary>
    public required string Schedule { get; init; }

    /// <summary>What early stopping has observed.</summary>
    public required string Stopping { get; init; }

    /// <summary>The best epoch so far.</summary>
    public required BestEpoch? Best { get; init; }

    /// <summary>The time of an epoch that is not finished; null between two epochs.</summary>
    public RunSeconds? Seconds { get; init; }

    /// <summary>The finished epochs, without their times, which <c>metrics.csv</c> has.</summary>
    public required IReadOnlyList<EpochMetrics> Epochs { get; init; }

    /// <summary>The colours' principal components, where colours are altered.</summary>
    public required ColourPca? Pca { get; init; }
}
