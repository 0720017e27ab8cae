using IlgpuSpp.Engine;

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

    internal void Check()
    {
        if (BatchSize < 1) throw new OptionsException(nameof(BatchSize), $"must be at least 1, but is {BatchSize}");
        if (LoaderThreads < 0) throw new OptionsException(nameof(LoaderThreads), $"must be at least 0, but is {LoaderThreads}");
        if (!(MaxUndecodableShare is >= 0 and <= 1)) throw new OptionsException(nameof(MaxUndecodableShare), FormattableString.Invariant($"must be from 0 to 1, but is {MaxUndecodableShare}"));
        if (CacheBytes < 0) throw new OptionsException(nameof(CacheBytes), $"must be at least 0, but is {CacheBytes}");
    }
}
