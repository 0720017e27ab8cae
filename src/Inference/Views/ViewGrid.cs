using IlgpuSpp.Data.Imaging;

namespace IlgpuSpp.Inference;

/// <summary>Where the views of the paper's multi-view test lie (section 3.1.5 of the paper): start, middle and end of each side.</summary>
internal static class ViewGrid
{
    /// <summary>The positions along one side: 0, ⌊(extent − view)/2⌋ and extent − view, each once.</summary>
    /// <param name="extent">Pixels of the image along the side.</param>
    /// <param name="view">Pixels of the view, at most <paramref name="extent"/>.</param>
    /// <exception cref="ArgumentException">The view does not fit.</exception>
    public static int[] Positions(int extent, int view)
    {
        if (view < 1 || view > extent) throw new ArgumentException($"A view of {view} pixels does not fit into a side of {extent}.", nameof(view));
        int last = extent - view;
        return [.. new[] { 0, last / 2, last }.Distinct()];
    }

    /// <summary>The views of an image, row by row: 9 in general, 3 where one side has a single position, 1 where both have.</summary>
    /// <param name="width">Width of the image in pixels.</param>
    /// <param name="height">Height of the image in pixels.</param>
    /// <param name="view">Side of a view in pixels.</param>
    /// <exception cref="ArgumentException">The view does not fit.</exception>
    public static IReadOnlyList<PixelBox> Boxes(int width, int height, int view) =>
        [.. from y in Positions(height, view) from x in Positions(width, view) select new PixelBox(x, y, x + view - 1, y + view - 1)];

    /// <summary>The five places of crops: where an image is small, some are the same.</summary>
    /// <inheritdoc cref="Boxes"/>
    public static IReadOnlyList<PixelBox> CentreAndCorners(int width, int height, int view) =>
        [.. Enum.GetValues<CropPosition>().Select(place => CropWindows.At(width, height, view, place)).Select(at => new PixelBox(at.X, at.Y, at.X + view - 1, at.Y + view - 1))];
}

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
        foreach (int scale in options.ScalesOf(model)) scales.Add(scale, (true, false));
        if (options.FullImage) scales[model.FullImageSide] = (scales.ContainsKey(model.FullImageSide), true);

        var all = new List<ScaleViews>(scales.Count);
        foreach ((int scale, (bool views, bool full)) in scales)
        {
            RgbImage resized = Preparation(model, scale).ResizeMinSide(image);
            all.Add(new ScaleViews(resized, !views ? [] : options.Places == ViewPlaces.Ten ? ViewGrid.CentreAndCorners(resized.Width, resized.Height, view) : ViewGrid.Boxes(resized.Width, resized.Height, view), full));
        }
        return all;
    }

    private static InputPreparation Preparation(TrainedModel model, int scale) =>
        model.Preparation with { MinSide = scale, CropSize = Math.Min(model.Preparation.CropSize, scale) };
}
