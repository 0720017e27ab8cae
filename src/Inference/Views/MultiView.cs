using IlgpuSpp.Models;

namespace IlgpuSpp.Inference;

/// <summary>
/// The paper's multi-view test on feature maps (section 3.1.3): at every scale the convolutions run once on the image and
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
            throw new ArgumentException($"{model.Model.Description.Architecture} without a pyramid takes one input size only; use the crop or the ten view.");
        _options.Validate(model);
    }

    /// <inheritdoc/>
    public override IImageScorer Open(TrainedModel model)
    {
        Check(model);
        return _options.AsCrops ? new CropViewScorer(model, _options) : new MapViewScorer(model, _options);
    }
}
