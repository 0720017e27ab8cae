namespace IlgpuSpp.Data;

/// <summary>How a <see cref="BatchLoader"/> works.</summary>
internal sealed record LoaderOptions
{
    /// <summary>Rows of a batch, at least 1.</summary>
    public int BatchSize { get; init; } = 64;

    /// <summary>First row of every batch that is delivered, at least 0: where several processes share the batches.</summary>
    public int FirstRow { get; init; }

    /// <summary>Rows of every batch that are delivered from <see cref="FirstRow"/> on; 0 for all. Those of an incomplete batch may be fewer, or none.</summary>
    public int Rows { get; init; }

    /// <summary>Threads that decode and augment, at least 1. The batches are the same at any number.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>Finished batches that may wait for the consumer, at least 1.</summary>
    public int PrefetchedBatches { get; init; } = 3;

    /// <summary>Seed of the order and of the augmentation.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Whether every epoch has its own random order; otherwise the samples come in the data set's order.</summary>
    public bool Shuffle { get; init; } = true;

    /// <summary>Whether an incomplete last batch has all its rows, those left over zero and with the label −1, which losses ignore; else it has fewer.</summary>
    public bool PadLastBatch { get; init; }

    /// <summary>Mixes every input with that of another image of the epoch; null mixes nothing.</summary>
    public SampleMixing? Mixing { get; init; }

    /// <summary>What takes the place of an image that cannot be decoded.</summary>
    public UndecodablePolicy Undecodable { get; init; } = UndecodablePolicy.Replace;

    /// <summary>The share of the data set's images that may turn out undecodable before loading fails, 0 to 1.</summary>
    public double MaxUndecodableShare { get; init; } = 0.1;

    internal LoaderOptions Checked()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(BatchSize, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(FirstRow);
        ArgumentOutOfRangeException.ThrowIfNegative(Rows);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(FirstRow + Rows, BatchSize);
        ArgumentOutOfRangeException.ThrowIfLessThan(Threads, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(PrefetchedBatches, 1);
        if (!(MaxUndecodableShare is >= 0 and <= 1)) throw new ArgumentOutOfRangeException(nameof(MaxUndecodableShare), MaxUndecodableShare, "A share lies in 0 to 1.");
        return this;
    }
}

/// <summary>What a loader puts in the place of an image that cannot be decoded.</summary>
internal enum UndecodablePolicy
{
    /// <summary>The next sample of the epoch's order that can be decoded: for training.</summary>
    Replace,

    /// <summary>Zeros with the label −1, which losses and accuracies ignore: for evaluation, where no sample may count twice.</summary>
    Mask,
}
