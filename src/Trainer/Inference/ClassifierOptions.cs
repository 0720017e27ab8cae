namespace IlgpuSpp.Training;

/// <summary>How a <see cref="Classifier"/> fits images to its network.</summary>
public sealed record ClassifierOptions
{
    /// <summary>What the network sees of an image; null for the full image where the network takes any size, the crop where it does not.</summary>
    public EvaluationView? View { get; init; }

    /// <summary>Minimum side in pixels that images are resized to; null for the one of the training.</summary>
    public int? MinimumSide { get; init; }

    /// <summary>Largest ratio of the sides; of a longer image the middle is used. At least 1.</summary>
    public double MaximumAspect { get; init; } = 4;

    /// <summary>Prepared passes kept for reuse, over all input sizes, at least 1.</summary>
    public int MaximumPasses { get; init; } = 16;
}
