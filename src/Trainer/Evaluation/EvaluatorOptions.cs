namespace IlgpuSpp.Training;

/// <summary>How accuracy is measured.</summary>
public sealed record EvaluatorOptions
{
    /// <summary>Largest number of images in one pass, at least 1.</summary>
    public int BatchSize { get; init; } = 32;

    /// <summary>Threads that decode and prepare images; 0 lets the machine's processors decide.</summary>
    public int LoaderThreads { get; init; }

    /// <summary>Largest share of the images that may be skipped because they cannot be decoded, in [0, 1].</summary>
    public double MaxUndecodableShare { get; init; } = 0.05;

    /// <summary>Most bytes of decoded images that are kept for the next measurement on the same images.</summary>
    public long CacheBytes { get; init; } = 256L << 20;

    internal int EffectiveThreads => LoaderDefaults.Threads(LoaderThreads);

    internal LoaderOptions Loading => new() { BatchSize = BatchSize, Threads = EffectiveThreads, Shuffle = false, PadLastBatch = true, Undecodable = UndecodablePolicy.Mask, MaxUndecodableShare = MaxUndecodableShare };

    /// <summary>Refuses options that cannot work.</summary>
    /// <exception cref="OptionsException">The first option that cannot work, with what it must be.</exception>
    public void Validate()
    {
        OptionCheck.AtLeast(BatchSize, 1);
        OptionCheck.AtLeast(LoaderThreads, 0);
        OptionCheck.InRange(MaxUndecodableShare, MaxUndecodableShare is >= 0 and <= 1, "from 0 to 1");
        OptionCheck.AtLeast(CacheBytes, 0);
    }
}
