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

    internal void Check()
    {
        if (View is { } view && !Enum.IsDefined(view)) throw new ArgumentException($"{nameof(View)} must be {EvaluationView.Crop} or {EvaluationView.Full}, but is {view}.");
        if (Views is not null && (View is not null || MinimumSide is not null)) throw new ArgumentException($"{nameof(Views)} has its own sizes; leave {nameof(View)} and {nameof(MinimumSide)} out.");
        if (MinimumSide is < 1 or > 8192) throw new ArgumentException($"{nameof(MinimumSide)} must lie between 1 and 8192 pixels, but is {MinimumSide}.");
        if (!(MaximumAspect is >= 1 and <= Data.InputPreparation.MaxAspect)) throw new ArgumentException(FormattableString.Invariant($"{nameof(MaximumAspect)} must lie between 1 and {Data.InputPreparation.MaxAspect}, but is {MaximumAspect}."));
        if (MaximumPasses < 1) throw new ArgumentException($"{nameof(MaximumPasses)} must be at least 1, but is {MaximumPasses}.");
    }
}
