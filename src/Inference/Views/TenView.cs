using IlgpuSpp.Data.Imaging;
using IlgpuSpp.Models;

namespace IlgpuSpp.Inference;

/// <summary>The paper's 10-view test (section 3.1.2): crops at the centre and the four corners of the whole image, each plain and mirrored.</summary>
public sealed class TenView : AveragedViews
{
    private const int Views = 2 * CropWindows.Positions;

    /// <inheritdoc/>
    public override string Name => "ten";

    /// <inheritdoc/>
    public override void Check(TrainedModel model) => model.Model.CheckInput(model.InputSize, model.InputSize);

    /// <inheritdoc/>
    public override IImageScorer Open(TrainedModel model)
    {
        Check(model);
        return new Scorer(model);
    }

    private sealed class Scorer(TrainedModel model) : IImageScorer
    {
        private readonly PassCache<InferencePass> _passes = InferencePass.CacheOf(model.Model.Network, maximumPasses: 4);

        public float[] Score(RgbImage image)
        {
            RgbImage prepared = model.Preparation.ResizeMinSide(image);
            int side = model.InputSize, length = side * side * 3;
            return MeanScores.Of(InferencePass.Probabilities(_passes, new Shape(Views, side, side, 3), input =>
            {
                for (int view = 0; view < Views; view++) model.Preparation.WriteCrop(prepared, (CropPosition)(view / 2), flip: view % 2 == 1, side, input.AsSpan(view * length, length));
            }), Views);
        }

        public void Dispose() => _passes.Dispose();
    }
}
