using System.Collections.Immutable;
using IlgpuSpp.Layers;

namespace IlgpuSpp.Detection;

/// <summary>At which scales images are seen and how windows are brought onto feature maps.</summary>
public sealed record WindowFeatureOptions
{
    /// <summary>The paper's scales for networks that take crops of 224 pixels: lengths of the image's shorter side.</summary>
    public static ImmutableArray<int> PaperScales { get; } = [480, 576, 688, 864, 1200];

    /// <summary>Lengths that the shorter side of an image is resized to, rising; one convolution pass each.</summary>
    public ImmutableArray<int> Scales { get; init; } = PaperScales;

    /// <summary>Side in pixels that a window should have at its scale: the network's crop, 224 in the paper.</summary>
    public int TargetSide { get; init; } = 224;

    /// <summary>Which responses belong to a window.</summary>
    public WindowRule Rule { get; init; } = WindowRule.Release;

    /// <summary>The paper's scales in proportion to a network's crop.</summary>
    /// <param name="targetSide">The crop's side in pixels.</param>
    /// <param name="count">5 for all, 1 for the middle one (688 at 224 pixels).</param>
    public static WindowFeatureOptions For(int targetSide, int count = 5)
    {
        ImmutableArray<int> paper = count == 1 ? [688] : PaperScales;
        return new WindowFeatureOptions
        {
            TargetSide = targetSide,
            Scales = [.. paper.Select(scale => (int)Math.Round(scale * targetSide / 224.0, MidpointRounding.AwayFromZero))],
        };
    }

    /// <summary>Refuses options that cannot work.</summary>
    /// <exception cref="ArgumentException">An option is out of its range; the message names it.</exception>
    public void Validate()
    {
        if (Scales.IsDefaultOrEmpty || Scales.Any(scale => scale is < 1 or > 8192) || !Scales.Order().Distinct().SequenceEqual(Scales))
            throw new ArgumentException($"{nameof(Scales)} needs at least one length, rising, each from 1 to 8192.", nameof(Scales));
        if (TargetSide is < 1 or > 8192) throw new ArgumentException($"{nameof(TargetSide)} is {TargetSide}; it should be 1 to 8192.", nameof(TargetSide));
    }

    /// <summary>All that features depend on besides the network and the image, as text.</summary>
    public string Describe() => FormattableString.Invariant($"scales={string.Join('+', Scales)} target={TargetSide} rule={Rule}");

    /// <inheritdoc/>
    public bool Equals(WindowFeatureOptions? other) => other is not null && Describe() == other.Describe();

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(TargetSide, Rule, Scales.Length);
}
