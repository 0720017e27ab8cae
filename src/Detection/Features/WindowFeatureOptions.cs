using System.Collections.Immutable;

namespace IlgpuSpp.Detection;

/// <summary>Where windows get their features.</summary>
public enum WindowMethod
{
    /// <summary>Pooled from the maps of the whole image, which goes through the convolutions once a scale (SPP-net).</summary>
    Spp,

    /// <summary>Every window is warped to the network's crop and goes through the convolutions by itself (R-CNN).</summary>
    Rcnn,
}

/// <summary>At which of the image's scales a window is pooled.</summary>
public enum ScaleRule
{
    /// <summary>The paper's: where the window's area is closest to that of the network's crop, 224² pixels.</summary>
    Area,

    /// <summary>The release's: where its side is closest to 208 of 224 pixels of the crop, 13 responses at a stride of 16.</summary>
    Side,
}

/// <summary>What becomes of the scales of an image.</summary>
public enum ScaleCombination
{
    /// <summary>A window is pooled at one of them.</summary>
    Best,

    /// <summary>It is pooled at all of them and has the largest value of each: the paper's other form (section 4.1), which found less there.</summary>
    Max,
}

/// <summary>Where windows get their features; at which scales images are seen and how windows are brought onto feature maps, or what the crops of windows show.</summary>
public sealed record WindowFeatureOptions
{
    /// <summary>The paper's scales for networks that take crops of 224 pixels: lengths of the image's shorter side.</summary>
    public static ImmutableArray<int> PaperScales { get; } = [480, 576, 688, 864, 1200];

    // The release's scales, one of which differs.
    private static readonly ImmutableArray<int> s_releaseScales = [480, 576, 688, 874, 1200];

    /// <summary>R-CNN's crop for networks that take 224 pixels.</summary>
    public const int RcnnCrop = 227;

    private const int PaperSide = 224, ReleaseSide = 208, RcnnContext = 16;

    /// <summary>Where windows get their features.</summary>
    public WindowMethod Method { get; init; } = WindowMethod.Spp;

    /// <summary>Lengths that the shorter side of an image is resized to, rising; one convolution pass each. Of no matter for R-CNN.</summary>
    public ImmutableArray<int> Scales { get; init; } = PaperScales;

    /// <summary>The network's crop in pixels: the side that a window should have at its scale (224 in the paper), or that R-CNN warps it to (227).</summary>
    public int TargetSide { get; init; } = 224;

    /// <summary>Which responses belong to a window.</summary>
    public WindowRule Rule { get; init; } = WindowRule.Release;

    /// <summary>At which scale a window is pooled.</summary>
    public ScaleRule ScaleRule { get; init; }

    /// <summary>Whether a window is pooled at one scale or at all.</summary>
    public ScaleCombination Combination { get; init; }

    /// <summary>Width in pixels of the border of an R-CNN crop that shows the window's surroundings.</summary>
    public int ContextPadding { get; init; } = RcnnContext;

    /// <summary>R-CNN's crops: 227 pixels with 16 of context where the network takes 224, else the network's own size with context in proportion.</summary>
    /// <param name="crop">The size that the network takes in pixels.</param>
    public static WindowFeatureOptions ForRcnn(int crop)
    {
        int side = crop == PaperSide ? RcnnCrop : crop;
        return new WindowFeatureOptions { Method = WindowMethod.Rcnn, TargetSide = side, ContextPadding = (int)Math.Round(RcnnContext * side / (double)RcnnCrop, MidpointRounding.AwayFromZero) };
    }

    /// <summary>The paper's scales in proportion to a network's crop.</summary>
    /// <param name="targetSide">The crop's side in pixels.</param>
    /// <param name="count">5 for all, 1 for the middle one (688 at 224 pixels).</param>
    /// <param name="release">Whether they are the release's, which has 874 for 864.</param>
    public static WindowFeatureOptions For(int targetSide, int count = 5, bool release = false)
    {
        ImmutableArray<int> published = count == 1 ? [688] : release ? s_releaseScales : PaperScales;
        return new WindowFeatureOptions
        {
            TargetSide = targetSide,
            Scales = [.. published.Select(scale => (int)Math.Round(scale * targetSide / (double)PaperSide, MidpointRounding.AwayFromZero))],
        };
    }

    /// <summary>Refuses options that cannot work.</summary>
    /// <exception cref="OptionsException">The first option that cannot work, with what it must be.</exception>
    public void Validate()
    {
        OptionCheck.Known(Method);
        OptionCheck.Known(Rule);
        OptionCheck.Known(ScaleRule);
        OptionCheck.Known(Combination);
        OptionCheck.That(!Scales.IsDefaultOrEmpty && Scales.All(scale => scale is >= 1 and <= 8192) && Scales.Order().Distinct().SequenceEqual(Scales), nameof(Scales), "must name at least one length, rising, each from 1 to 8192");
        OptionCheck.Between(TargetSide, 1, 8192);
        OptionCheck.That(
            Method != WindowMethod.Rcnn || (ContextPadding >= 0 && 2 * ContextPadding < TargetSide),
            nameof(ContextPadding), $"must be at least 0 and leave something of the {TargetSide} pixels of the crop to the window, but is {ContextPadding}");
    }

    /// <summary>The position in <see cref="Scales"/> at which a window is pooled.</summary>
    /// <param name="box">The window in pixels of the image.</param>
    /// <param name="minSide">Shorter side of the image.</param>
    internal int ScaleOf(PixelBox box, int minSide) => ScaleRule == ScaleRule.Area
        ? ScaleChoice.ByArea(box, minSide, Scales.AsSpan(), TargetSide)
        : ScaleChoice.BySide(box, minSide, Scales.AsSpan(), (int)Math.Round(ReleaseSide * TargetSide / (double)PaperSide, MidpointRounding.AwayFromZero)).Index;

    /// <summary>All that features depend on besides the network and the image, as text.</summary>
    public string Describe() => Method == WindowMethod.Spp
        ? FormattableString.Invariant($"scales={string.Join('+', Scales)} target={TargetSide} rule={Rule} scale={ScaleRule} combine={Combination}")
        : FormattableString.Invariant($"crop={TargetSide} context={ContextPadding}");

    /// <inheritdoc/>
    public bool Equals(WindowFeatureOptions? other) => other is not null && Describe() == other.Describe();

    /// <inheritdoc/>
    public override int GetHashCode() => Describe().GetHashCode(StringComparison.Ordinal);
}
