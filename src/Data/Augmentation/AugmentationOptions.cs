namespace IlgpuSpp.Data;

/// <summary>What training changes at random in an image. The defaults are the paper's, section 3.1.</summary>
public sealed record AugmentationOptions
{
    /// <summary>How the crop is chosen.</summary>
    public CropMode Crop { get; init; } = CropMode.FivePositions;

    /// <summary>Smallest share of the image's area that a <see cref="CropMode.RandomResized"/> crop covers, above 0.</summary>
    public double MinArea { get; init; } = 0.25;

    /// <summary>Largest share of the image's area that a <see cref="CropMode.RandomResized"/> crop covers, at most 1.</summary>
    public double MaxArea { get; init; } = 1;

    /// <summary>Largest ratio of a <see cref="CropMode.RandomResized"/> crop's sides, at least 1; drawn log-uniformly from its inverse to itself.</summary>
    public double MaxAspect { get; init; } = 4.0 / 3;

    /// <summary>Chance of a horizontal flip, 0 to 1.</summary>
    public double FlipProbability { get; init; } = 0.5;

    /// <summary>Standard deviation of the colour altering along the principal components of the training colours; 0 switches it off.</summary>
    public double PcaSigma { get; init; } = 0.1;

    /// <summary>Brightness is multiplied by 1 ± this, uniformly; 0 switches it off.</summary>
    public double Brightness { get; init; }

    /// <summary>The distance from the crop's mean grey is multiplied by 1 ± this, uniformly; 0 switches it off.</summary>
    public double Contrast { get; init; }

    /// <summary>The distance from the pixel's own grey is multiplied by 1 ± this, uniformly; 0 switches it off.</summary>
    public double Saturation { get; init; }

    /// <summary>Operations of RandAugment an image (its N), 0 to 14; 0 switches it off. They follow crop and flip and come before the colours.</summary>
    public int RandAugmentOperations { get; init; }

    /// <summary>Magnitude of RandAugment's operations (its M), 0 to 30.</summary>
    public double RandAugmentMagnitude { get; init; } = 9;

    /// <summary>Chance that a rectangle of 2 to 33 % of the input, of aspect ratio 0.3 to 3.3, is set to the mean colour, 0 to 1 (Zhong et al., "Random erasing data augmentation").</summary>
    public double ErasingProbability { get; init; }

    /// <summary>α of mixup, whose share comes from Beta(α, α), 0 to 2; 0 switches it off. Every input is mixed with that of another image of the epoch, and so are their targets.</summary>
    public double Mixup { get; init; }

    /// <summary>α of CutMix, 0 to 2; 0 switches it off. Where mixup is asked for too, every image draws one of the two.</summary>
    public double CutMix { get; init; }

    /// <summary>The paper's: five crop positions, flip, PCA colour altering.</summary>
    public static AugmentationOptions Paper { get; } = new();

    /// <summary>Nothing at random: the centre crop.</summary>
    public static AugmentationOptions None { get; } = new() { Crop = CropMode.Centre, FlipProbability = 0, PcaSigma = 0 };

    internal void Check()
    {
        if (!(MinArea > 0 && MinArea <= MaxArea && MaxArea <= 1)) throw new ArgumentException(FormattableString.Invariant($"The crop's area must lie in 0 < {nameof(MinArea)} ≤ {nameof(MaxArea)} ≤ 1, but is {MinArea} to {MaxArea}."));
        if (!(MaxAspect >= 1)) throw new ArgumentException(FormattableString.Invariant($"{nameof(MaxAspect)} must be at least 1, but is {MaxAspect}."));
        if (!(FlipProbability is >= 0 and <= 1)) throw new ArgumentException(FormattableString.Invariant($"{nameof(FlipProbability)} must lie in 0 to 1, but is {FlipProbability}."));
        if (!(PcaSigma >= 0)) throw new ArgumentException(FormattableString.Invariant($"{nameof(PcaSigma)} must not be negative, but is {PcaSigma}."));
        if (RandAugmentOperations is < 0 or > 14) throw new ArgumentException(FormattableString.Invariant($"{nameof(RandAugmentOperations)} must lie in 0 to 14, but is {RandAugmentOperations}."));
        if (!(RandAugmentMagnitude is >= 0 and <= RandAugment.Largest)) throw new ArgumentException(FormattableString.Invariant($"{nameof(RandAugmentMagnitude)} must lie in 0 to {RandAugment.Largest}, but is {RandAugmentMagnitude}."));
        if (!(ErasingProbability is >= 0 and <= 1)) throw new ArgumentException(FormattableString.Invariant($"{nameof(ErasingProbability)} must lie in 0 to 1, but is {ErasingProbability}."));
        if (!(Mixup is >= 0 and <= 2 && CutMix is >= 0 and <= 2)) throw new ArgumentException(FormattableString.Invariant($"{nameof(Mixup)} and {nameof(CutMix)} must lie in 0 to 2, but are {Mixup} and {CutMix}."));
        if (!(Brightness is >= 0 and <= 1 && Contrast is >= 0 and <= 1 && Saturation is >= 0 and <= 1))
            throw new ArgumentException(FormattableString.Invariant($"{nameof(Brightness)}, {nameof(Contrast)} and {nameof(Saturation)} must lie in 0 to 1, but are {Brightness}, {Contrast} and {Saturation}."));
    }
}

/// <summary>How a training crop is chosen.</summary>
public enum CropMode
{
    /// <summary>Always the middle.</summary>
    Centre,

    /// <summary>The middle or one of the four corners of the whole image, each with the same chance (the paper, section 3.1).</summary>
    FivePositions,

    /// <summary>Any whole-pixel offset, each with the same chance (Krizhevsky et al., 2012).</summary>
    Random,

    /// <summary>A window of random area, aspect ratio and place (Szegedy et al., "Going deeper with convolutions", 2015).</summary>
    RandomResized,
}
