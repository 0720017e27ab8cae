namespace IlgpuSpp.Training;

/// <summary>How accuracy is measured.</summary>
public sealed record EvaluatorOptions
{
    /// <summary>Largest number of images in one pass, at least 1.</summary>
    public int BatchSize { get; init; } = 32;

    /// <summary>Threads that decode and prepare images; 0 lets the loader decide.</summary>
    public int LoaderThreads { get; init; }

    /// <summary>Largest share of the images that may be skipped because they cannot be decoded, in [0, 1].</summary>
    public double MaxUndecodableShare { get; init; } = 0.05;
}
