using System.Collections.Immutable;
using IlgpuSpp.Models;

namespace IlgpuSpp.Inference;

/// <summary>
/// The paper's multi-view test on feature maps (section 3.1.5): at every scale the convolutions run once on the image and
/// once on its mirror; 3×3 views of each are pooled from the map; the softmax scores of all views are averaged. At a scale
/// where one side of the image is as long as a view there are 3 places instead of 9.
/// </summary>
/// <param name="options">The scales and what a view is.</param>
public sealed class MultiView(MultiViewOptions? options = null) : AveragedViews
{
    private readonly MultiViewOptions _options = options ?? new MultiViewOptions();

    /// <inheritdoc/>
    public override string Name => (_options.Scales is { IsEmpty: true }, _options.FullImage, _options.AsCrops) switch
    {
        _ when _options.Places == ViewPlaces.Ten => "ten-maps",
        (true, _, _) => "full+flip",
        (_, true, false) => "multi+full",
        (_, true, true) => "multi-crops+full",
        (_, false, true) => "multi-crops",
        _ => "multi",
    };

    /// <inheritdoc/>
    public override void Check(TrainedModel model)
    {
        if (!model.Model.TakesAnySize)
            throw new ArgumentException($"{model.Model.Description.Name} without a pyramid takes one input size only; use the crop or the ten view.");
        _options.Validate(model);
    }

    /// <inheritdoc/>
    public override IImageScorer Open(TrainedModel model)
    {
        Check(model);
        return _options.AsCrops ? new CropViewScorer(model, _options) : new MapViewScorer(model, _options);
    }
}

/// <summary>Which views the multi-view test takes.</summary>
public sealed record MultiViewOptions
{
    /// <summary>The paper's six scales for crops of 224 pixels (section 3.1.5); its 96 views.</summary>
    public static ImmutableArray<int> PaperScales { get; } = [224, 256, 300, 360, 448, 560];

    /// <summary>
    /// Minimum sides in pixels that images are resized to, each once; null for <see cref="PaperScales"/> by the network's
    /// crop over 224, rounded. Empty for none, with <see cref="FullImage"/>.
    /// </summary>
    public ImmutableArray<int>? Scales { get; init; }

    /// <summary>Where the views of a scale lie.</summary>
    public ViewPlaces Places { get; init; }

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

    // Crops of ten views are taken from images as training prepares them.
    internal ImmutableArray<int> ScalesOf(TrainedModel model) => Places == ViewPlaces.Ten && Scales is null ? [model.FullImageSide] : ScalesFor(model.InputSize);

    internal void Validate(TrainedModel model)
    {
        ImmutableArray<int> scales = ScalesOf(model);
        OptionCheck.That(Places == ViewPlaces.Grid || (!FullImage && !AsCrops && scales.Length == 1), nameof(Places), "of ten views are of one scale and pooled from maps, without the full image");
        OptionCheck.That(!scales.IsEmpty || FullImage, nameof(Scales), "must name at least one scale where the full image is no view");
        OptionCheck.That(scales.Distinct().Count() == scales.Length, nameof(Scales), $"must name each scale once, but is {string.Join(", ", scales)}");
        OptionCheck.AtLeast(ViewSize ?? 1, 1, nameof(ViewSize));
        foreach (int scale in scales)
        {
            OptionCheck.Between(scale, 1, 16384, nameof(Scales));
            model.Model.CheckInput(scale, scale);
            int view = ViewSize ?? model.InputSize;
            OptionCheck.That(scale >= view, nameof(Scales), $"must be at least the view's {view} pixels each, but one is {scale}");
        }
    }
}

/// <summary>Where the views of one scale lie.</summary>
public enum ViewPlaces
{
    /// <summary>At start, middle and end of each side: the paper's 18 views a scale (section 3.1.5).</summary>
    Grid,

    /// <summary>At the centre and the four corners, as the ten crops of <see cref="TenView"/>, from the maps of one scale (section 3.1.5).</summary>
    Ten,
}
