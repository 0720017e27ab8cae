namespace IlgpuSpp.Data;

/// <summary>What the shapes data set looks like. Two sets with equal options hold the same images.</summary>
public sealed record ShapesOptions
{
    /// <summary>Seed of all images.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Images to train on; classes come in turn.</summary>
    public int TrainImages { get; init; } = 4000;

    /// <summary>Images to validate on; none of them is among those to train on.</summary>
    public int ValidationImages { get; init; } = 1000;

    /// <summary>Shortest side of an image in pixels.</summary>
    public int MinSide { get; init; } = 64;

    /// <summary>Longest side of an image in pixels.</summary>
    public int MaxSide { get; init; } = 160;

    /// <summary>Largest ratio of an image's sides.</summary>
    public double MaxAspect { get; init; } = 1.7;

    /// <summary>Smallest diameter of the shape, as a share of the image's smaller side.</summary>
    public double MinObjectShare { get; init; } = 0.5;

    /// <summary>Largest diameter of the shape, as a share of the image's smaller side.</summary>
    public double MaxObjectShare { get; init; } = 0.95;

    /// <summary>How much lies around and across the shape: 0 nothing, 1 as much as by default, up to 3.</summary>
    public double Clutter { get; init; } = 1;

    /// <summary>Largest standard deviation of the pixel noise, in levels of 255.</summary>
    public double MaxNoise { get; init; } = 14;

    internal void Check()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(TrainImages, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(ValidationImages, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MinSide, 16);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxSide, MinSide);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxSide, 4096);
        if (!(MaxAspect >= 1)) throw new ArgumentOutOfRangeException(nameof(MaxAspect), MaxAspect, "The ratio of the sides is at least 1.");
        if (!(MinObjectShare > 0 && MinObjectShare <= MaxObjectShare && MaxObjectShare <= 1)) throw new ArgumentOutOfRangeException(nameof(MinObjectShare), MinObjectShare, "The shape's share must lie in 0 < smallest ≤ largest ≤ 1.");
        if (!(Clutter is >= 0 and <= 3)) throw new ArgumentOutOfRangeException(nameof(Clutter), Clutter, "Clutter lies in 0 to 3.");
        if (!(MaxNoise is >= 0 and <= 64)) throw new ArgumentOutOfRangeException(nameof(MaxNoise), MaxNoise, "Noise lies in 0 to 64.");
    }
}
