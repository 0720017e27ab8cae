using System.Collections.Immutable;
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

    internal void Check(TrainedModel model)
    {
        ImmutableArray<int> scales = ScalesFor(model.InputSize);
        if (scales.IsEmpty && !FullImage) throw new ArgumentException("A multi-view test needs at least one scale or the full image.");
        if (scales.Distinct().Count() != scales.Length) throw new ArgumentException($"The scales {string.Join(", ", scales)} name one twice; name each once.");
        foreach (int scale in scales)
        {
            if (scale is < 1 or > 16384) throw new ArgumentException($"A scale lies between 1 and 16384 pixels, but one is {scale}.");
            model.Model.CheckInput(scale, scale);
            int view = ViewSize ?? model.InputSize;
            if (scale < view) throw new ViewException(scale, view);
        }
        if (ViewSize is < 1) throw new ArgumentException($"{nameof(ViewSize)} must be at least 1, but is {ViewSize}.");
    }
}
