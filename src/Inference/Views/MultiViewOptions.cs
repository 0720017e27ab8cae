using System.Collections.Immutable;
using IlgpuSpp.Engine;
using IlgpuSpp.Layers;

namespace IlgpuSpp.Inference;

/// <summary>Which views the multi-view test takes.</summary>
public sealed record MultiViewOptions
{
    /// <summary>The paper's six scales for crops of 224 pixels (section 3.1.3); its 96 views.</summary>
    public static ImmutableArray<int> PaperScales { get; } = [224, 256, 300, 360, 448, 560];

    /// <summary>
    /// Minimum sides in pixels that images are resized to, each once; null for <see cref="PaperScales"/> by the network's
    /// crop over 224, rounded. Empty for none, with <see cref="FullImage"/>.
    /// </summary>
    public ImmutableArray<int>? Scales { get; init; }

    /// <summary>Side of a view in pixels; null for the network's crop.</summary>
    public int? ViewSize { get; init; }

    /// <summary>Whether the full image at the minimum side of the training, and its mirror, are views too: the paper's "96 + 2 full".</summary>
    public bool FullImage { get; init; }

    /// <summary>Which responses of the map belong to a view.</summary>
    public WindowRule Rule { get; init; }

    /// <summary>
    /// Whether every view is cut out of the image and goes through the whole network instead of being pooled from the
    /// feature map: the slow form, for comparison.
    /// </summary>
    public bool AsCrops { get; init; }

    /// <summary>The scales for a network whose crops have the given side.</summary>
    /// <param name="crop">Side of the network's crops in pixels.</param>
    public ImmutableArray<int> ScalesFor(int crop) => Scales is { } given
        ? given
        : [.. PaperScales.Select(scale => (int)Math.Round((double)scale * crop / 224, MidpointRounding.AwayFromZero))];

    internal void Validate(TrainedModel model)
    {
        ImmutableArray<int> scales = ScalesFor(model.InputSize);
        OptionCheck.That(!scales.IsEmpty || FullImage, nameof(Scales), "must name at least one scale where the full image is no view");
        OptionCheck.That(scales.Distinct().Count() == scales.Length, nameof(Scales), $"must name each scale once, but is {string.Join(", ", scales)}");
        OptionCheck.AtLeast(ViewSize ?? 1, 1, nameof(ViewSize));
        foreach (int scale in scales)
        {
            OptionCheck.Between(scale, 1, 16384, nameof(Scales));
            model.Model.CheckInput(scale, scale);
            int view = ViewSize ?? model.InputSize;
            if (scale < view) throw new ViewException(scale, view);
        }
    }
}
