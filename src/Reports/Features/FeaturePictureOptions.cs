namespace IlgpuSpp.Reports;

/// <summary>How many pictures of a layer are made.</summary>
public sealed record FeaturePictureOptions
{
    /// <summary>Filters shown, those with the strongest responses; at least 1.</summary>
    public int Filters { get; init; } = 16;

    /// <summary>Images shown for each filter, at least 1.</summary>
    public int Top { get; init; } = 6;

    /// <summary>Images whose heat map and channels are shown, the first ones; at least 0.</summary>
    public int Maps { get; init; } = 4;

    /// <summary>Shorter side that images are resized to; null for that of the training.</summary>
    public int? MinimumSide { get; init; }

    internal void Check()
    {
        if (Filters < 1 || Top < 1 || Maps < 0 || MinimumSide < 1)
            throw new ArgumentException($"Filters, images for each and the minimum side must be at least 1 and maps at least 0, but are {Filters}, {Top}, {MinimumSide} and {Maps}.");
    }
}
