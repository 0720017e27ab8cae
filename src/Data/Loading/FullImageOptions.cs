namespace IlgpuSpp.Data;

/// <summary>How <see cref="FullImageBatches"/> groups and works.</summary>
public sealed record FullImageOptions
{
    /// <summary>Most images of a batch, at least 1.</summary>
    public int BatchSize { get; init; } = 32;

    /// <summary>Threads that decode, at least 1. The batches are the same at any number.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>Whether images are mirrored left to right: the second of the paper's two full-image views.</summary>
    public bool Flip { get; init; }

    /// <summary>Most bytes of images waiting for others of their size; beyond, the fullest group is delivered incomplete.</summary>
    public long PendingBytes { get; init; } = 256L << 20;

    /// <summary>The share of the data set's images that may turn out undecodable before loading fails, 0 to 1.</summary>
    public double MaxUndecodableShare { get; init; } = 0.1;

    internal void Check()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(BatchSize, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(Threads, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(PendingBytes, 1);
        if (!(MaxUndecodableShare is >= 0 and <= 1)) throw new ArgumentOutOfRangeException(nameof(MaxUndecodableShare), MaxUndecodableShare, "A share lies in 0 to 1.");
    }
}
