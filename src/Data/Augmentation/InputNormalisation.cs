namespace IlgpuSpp.Data;

/// <summary>
/// Turns pixel values of 0 to 255 into a network's input: <c>(pixel − mean) / std</c>, then the channel order. Part of a
/// model's metadata; the mean image, where there is one, is stored as a tensor beside it.
/// </summary>
public sealed record InputNormalisation
{
    /// <summary>What is subtracted.</summary>
    public NormalisationKind Kind { get; init; } = NormalisationKind.Colour;

    /// <summary>The colour that is subtracted, 0 to 255; where a mean image is, the colour of places where it has none (unused now, 0).</summary>
    public RgbValues Mean { get; init; }

    /// <summary>What the difference is divided by, above 0, in the units of pixels.</summary>
    public RgbValues Std { get; init; } = RgbValues.All(1);

    /// <summary>The order of the network's channels.</summary>
    public ChannelOrder ChannelOrder { get; init; } = ChannelOrder.Rgb;

    /// <summary>The mean image; present exactly where <see cref="Kind"/> is <see cref="NormalisationKind.MeanImage"/>.</summary>
    public MeanImage? MeanImage { get; init; }

    /// <summary>Pixels as they are, 0 to 255.</summary>
    public static InputNormalisation None { get; } = new();

    /// <summary>Subtracts one number everywhere; 128 is what the paper subtracts for VOC 2007 and Caltech-101.</summary>
    /// <param name="mean">The number, 0 to 255.</param>
    /// <param name="std">What the difference is divided by.</param>
    public static InputNormalisation Constant(float mean = 128, float std = 1) => new() { Mean = RgbValues.All(mean), Std = RgbValues.All(std) };

    /// <summary>Subtracts a colour and divides by the channels' spread.</summary>
    /// <param name="mean">Mean of every channel, 0 to 255.</param>
    /// <param name="std">Standard deviation of every channel, above 0.</param>
    public static InputNormalisation PerChannel(RgbValues mean, RgbValues std) => new() { Mean = mean, Std = std };

    /// <summary>Subtracts a mean image, as the paper does for ImageNet.</summary>
    /// <param name="mean">The image.</param>
    /// <param name="std">What the difference is divided by.</param>
    public static InputNormalisation FromMeanImage(MeanImage mean, float std = 1) =>
        new() { Kind = NormalisationKind.MeanImage, MeanImage = mean, Std = RgbValues.All(std) };

    /// <summary>The same with one number subtracted from every channel everywhere; 128 is what the paper subtracts for VOC 2007 and Caltech-101 (Appendix A), whatever the network was trained with.</summary>
    /// <param name="mean">The number, 0 to 255.</param>
    public InputNormalisation WithMean(float mean) => this with { Kind = NormalisationKind.Colour, Mean = RgbValues.All(mean), MeanImage = null };

    /// <summary>The normalisation as JSON, without the mean image's pixels.</summary>
    public string ToJson() => PreparationJson.Write(this);

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    /// <param name="json">The text.</param>
    /// <param name="meanImage">The mean image, where the normalisation has one.</param>
    /// <exception cref="DataFormatException">The text is not a normalisation, or its mean image is missing.</exception>
    public static InputNormalisation FromJson(string json, MeanImage? meanImage = null) =>
        PreparationJson.ReadNormalisation(json).WithImage(meanImage);

    internal InputNormalisation WithImage(MeanImage? meanImage)
    {
        if (Kind == NormalisationKind.MeanImage && meanImage is null)
            throw new DataFormatException(null, "the model's input normalisation subtracts a mean image, but the model file holds none; export the model again.");
        InputNormalisation complete = this with { MeanImage = Kind == NormalisationKind.MeanImage ? meanImage : null };
        complete.Check();
        return complete;
    }

    internal void Check()
    {
        for (int c = 0; c < 3; c++)
        {
            if (!float.IsFinite(Mean[c]) || !float.IsFinite(Std[c]) || !(Std[c] > 0))
                throw new DataFormatException(null, FormattableString.Invariant($"the input normalisation has mean {Mean[c]} and std {Std[c]} in channel {c}; both must be finite and std above 0."));
        }
        if (Kind == NormalisationKind.MeanImage && MeanImage is null)
            throw new ArgumentException("The normalisation is by a mean image, but there is none; set MeanImage.");
    }
}

/// <summary>What is subtracted from the pixels.</summary>
public enum NormalisationKind
{
    /// <summary>One colour, the same at every pixel.</summary>
    Colour,

    /// <summary>A mean image, resized to the input ("warped"; the paper, Appendix A).</summary>
    MeanImage,
}

/// <summary>One number for every colour channel.</summary>
/// <param name="Red">Red's.</param>
/// <param name="Green">Green's.</param>
/// <param name="Blue">Blue's.</param>
public readonly record struct RgbValues(float Red, float Green, float Blue)
{
    /// <summary>The same number for every channel.</summary>
    /// <param name="value">The number.</param>
    public static RgbValues All(float value) => new(value, value, value);

    /// <summary>One of the channels.</summary>
    /// <param name="channel">0 red, 1 green, 2 blue.</param>
    public float this[int channel] => channel switch { 0 => Red, 1 => Green, 2 => Blue, _ => throw new ArgumentOutOfRangeException(nameof(channel)) };
}
