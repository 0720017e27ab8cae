namespace IlgpuSpp.Inference;

/// <summary>How a <see cref="Classifier"/> fits images to its network.</summary>
public sealed record ClassifierOptions
{
    /// <summary>What the network sees of an image; null for the full image where the network takes any size, the crop where it does not.</summary>
    public EvaluationView? View { get; init; }

    /// <summary>Several views whose scores are averaged, such as <see cref="TenView"/> or <see cref="MultiView"/>; null for the single <see cref="View"/>.</summary>
    public AveragedViews? Views { get; init; }

    /// <summary>Minimum side in pixels that images are resized to; null for the one of the training.</summary>
    public int? MinimumSide { get; init; }

    /// <summary>Largest ratio of the sides; of a longer image the middle is used. At least 1.</summary>
    public double MaximumAspect { get; init; } = 4;

    /// <summary>Prepared passes kept for reuse, over all input sizes, at least 1.</summary>
    public int MaximumPasses { get; init; } = 16;

    /// <summary>
    /// Bytes that prepared passes may take together, idle or in use, at least 1: who asks for another waits until one comes back. A single pass may be larger.
    /// </summary>
    public long MaximumPassBytes { get; init; } = 1L << 30;

    /// <summary>Refuses options that cannot work.</summary>
    /// <exception cref="OptionsException">The first option that cannot work, with what it must be.</exception>
    public void Validate()
    {
        if (View is { } view) OptionCheck.Known(view, nameof(View));
        OptionCheck.That(Views is null || (View is null && MinimumSide is null), nameof(Views), $"has its own sizes; leave {nameof(View)} and {nameof(MinimumSide)} out");
        OptionCheck.Between(MinimumSide ?? 1, 1, 8192, nameof(MinimumSide));
        OptionCheck.InRange(MaximumAspect, MaximumAspect is >= 1 and <= Data.InputPreparation.MaxAspect, $"from 1 to {Data.InputPreparation.MaxAspect}");
        OptionCheck.AtLeast(MaximumPasses, 1);
        OptionCheck.AtLeast(MaximumPassBytes, 1);
    }
}

/// <summary>What of an image the network sees when accuracy is measured.</summary>
public enum EvaluationView
{
    /// <summary>The centre crop of the image resized to the minimum side (the paper's single view).</summary>
    Crop,

    /// <summary>The whole image resized to the minimum side (the paper's full-image view).</summary>
    Full,
}
