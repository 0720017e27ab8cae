using System.Collections.Concurrent;
using IlgpuSpp.Data.Imaging;

namespace IlgpuSpp.Inference;

/// <summary>Scores the views of an image from one convolution pass a scale: image and mirror are a batch of two, all windows go through the head together.</summary>
internal sealed class MapViewScorer(TrainedModel model, MultiViewOptions options) : IImageScorer
{
    private readonly SplitNetwork _network = new(model.Model.Network);
    private readonly ConcurrentBag<SplitPasses> _idle = [];

    public float[] Score(RgbImage image)
    {
        IReadOnlyList<ScaleViews> scales = ScaleViews.Of(image, model, options);
        int views = 2 * scales.Sum(scale => scale.Count);
        if (!_idle.TryTake(out SplitPasses? passes)) passes = new SplitPasses(_network, model.Model.Backend);
        try
        {
            passes.Begin(views);
            foreach (ScaleViews scale in scales) passes.Add(InputOf(scale, passes), scale.Count * 2, (map, windows) => Windows(scale, map, windows));
            return MeanScores.Of(passes.Scores(), views);
        }
        finally
        {
            _idle.Add(passes);
        }
    }

    public void Dispose()
    {
        while (_idle.TryTake(out SplitPasses? passes)) passes.Dispose();
    }

    private NetworkPass InputOf(ScaleViews scale, SplitPasses passes)
    {
        int length = scale.Image.Width * scale.Image.Height * 3;
        NetworkPass stem = passes.Stem(new Shape(2, scale.Image.Height, scale.Image.Width, 3));
        Span<float> host = passes.HostInput(2 * length);
        model.Preparation.WriteFull(scale.Image, flip: false, host[..length]);
        model.Preparation.WriteFull(scale.Image, flip: true, host[length..]);
        stem.Input.Upload(host);
        return stem;
    }

    private void Windows(ScaleViews scale, Shape map, Span<int> windows)
    {
        var mapping = new WindowMapping(_network.Field, options.Rule);
        int at = 0;
        for (int image = 0; image < 2; image++)
        {
            foreach (PixelBox box in scale.Boxes) Write(windows[(5 * at++)..], image, mapping.Map(box, map.Height, map.Width));
            if (scale.Full) Write(windows[(5 * at++)..], image, new MapWindow(0, 0, map.Width, map.Height));
        }

        static void Write(Span<int> row, int image, MapWindow window) =>
            (row[0], row[1], row[2], row[3], row[4]) = (image, window.Top, window.Left, window.Bottom, window.Right);
    }
}
