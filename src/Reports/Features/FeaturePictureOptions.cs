using IlgpuSpp.Engine;

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

    /// <summary>Refuses options that cannot work.</summary>
    /// <exception cref="OptionsException">The first option that cannot work, with what it must be.</exception>
    public void Validate()
    {
        OptionCheck.AtLeast(Filters, 1);
        OptionCheck.AtLeast(Top, 1);
        OptionCheck.AtLeast(Maps, 0);
        OptionCheck.AtLeast(MinimumSide ?? 1, 1, nameof(MinimumSide));
    }
}
