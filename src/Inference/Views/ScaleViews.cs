using IlgpuSpp.Data;
using IlgpuSpp.Data.Imaging;
using IlgpuSpp.Layers;

namespace IlgpuSpp.Inference;

/// <summary>The views of one image at one scale.</summary>
/// <param name="Image">The image, resized.</param>
/// <param name="Boxes">The views of the image; the mirrored image has the same.</param>
/// <param name="Full">Whether the whole image is a view too.</param>
internal sealed record ScaleViews(RgbImage Image, IReadOnlyList<PixelBox> Boxes, bool Full)
{
    /// <summary>Views of the image without its mirror.</summary>
    public int Count => Boxes.Count + (Full ? 1 : 0);

    /// <summary>The views at every scale; the full image shares the pass of its scale where that is among the others.</summary>
    public static IReadOnlyList<ScaleViews> Of(RgbImage image, TrainedModel model, MultiViewOptions options)
    {
        int view = options.ViewSize ?? model.InputSize;
        var scales = new SortedDictionary<int, (bool Views, bool Full)>();
        foreach (int scale in options.ScalesFor(model.InputSize)) scales.Add(scale, (true, false));
        if (options.FullImage) scales[model.FullImageSide] = (scales.ContainsKey(model.FullImageSide), true);

        var all = new List<ScaleViews>(scales.Count);
        foreach ((int scale, (bool views, bool full)) in scales)
        {
            RgbImage resized = Preparation(model, scale).ResizeMinSide(image);
            all.Add(new ScaleViews(resized, views ? ViewGrid.Boxes(resized.Width, resized.Height, view) : [], full));
        }
        return all;
    }

    private static InputPreparation Preparation(TrainedModel model, int scale) =>
        model.Preparation with { MinSide = scale, CropSize = Math.Min(model.Preparation.CropSize, scale) };
}
