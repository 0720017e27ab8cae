using IlgpuSpp.Data.Imaging;

namespace IlgpuSpp.Inference;

/// <summary>Scores the views of an image one by one through the whole network: what pooling views from feature maps replaces.</summary>
internal sealed class CropViewScorer(TrainedModel model, MultiViewOptions options) : IImageScorer
{
    private const int MostRows = 32;

    private readonly PassCache<InferencePass> _passes = InferencePass.CacheOf(model.Model.Network);

    public float[] Score(RgbImage image)
    {
        var scores = new List<float>();
        int views = 0;
        foreach (ScaleViews scale in ScaleViews.Of(image, model, options))
        {
            List<(RgbImage Image, bool Flip)> crops = [];
            foreach (bool flip in (bool[])[false, true])
                foreach (PixelBox box in scale.Boxes)
                    crops.Add((Cut(scale.Image, box, flip), flip));
            foreach ((RgbImage, bool)[] part in crops.Chunk(MostRows)) Run(part, scores);
            if (scale.Full) Run([(scale.Image, false), (scale.Image, true)], scores);
            views += 2 * scale.Count;
        }
        return MeanScores.Of(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(scores), views);
    }

    public void Dispose() => _passes.Dispose();

    // The view of the mirrored image at x is the mirror of the image's own at W − view − x.
    private static RgbImage Cut(RgbImage image, PixelBox box, bool flip)
    {
        int side = (int)(box.Right - box.Left) + 1, top = (int)box.Top;
        int left = flip ? image.Width - side - (int)box.Left : (int)box.Left;
        var cut = new RgbImage(side, side);
        for (int y = 0; y < side; y++) image.Row(top + y).Slice(left * 3, side * 3).CopyTo(cut.Row(y));
        return cut;
    }

    private void Run((RgbImage Image, bool Flip)[] views, List<float> scores)
    {
        (int height, int width) = (views[0].Image.Height, views[0].Image.Width);
        int length = height * width * 3;
        scores.AddRange(InferencePass.Probabilities(_passes, new Shape(views.Length, height, width, 3), input =>
        {
            for (int i = 0; i < views.Length; i++) model.Preparation.WriteFull(views[i].Image, views[i].Flip, input.AsSpan(i * length, length));
        }));
    }
}
