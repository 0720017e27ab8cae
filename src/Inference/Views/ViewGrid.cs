using IlgpuSpp.Layers;

namespace IlgpuSpp.Inference;

/// <summary>Where the views of the paper's multi-view test lie (section 3.1.3 of the paper): start, middle and end of each side.</summary>
public static class ViewGrid
{
    /// <summary>The positions along one side: 0, ⌊(extent − view)/2⌋ and extent − view, each once.</summary>
    /// <param name="extent">Pixels of the image along the side.</param>
    /// <param name="view">Pixels of the view, at most <paramref name="extent"/>.</param>
    /// <exception cref="ViewException">The view does not fit.</exception>
    public static int[] Positions(int extent, int view)
    {
        if (view < 1 || view > extent) throw new ViewException(extent, view);
        int last = extent - view;
        return [.. new[] { 0, last / 2, last }.Distinct()];
    }

    /// <summary>The views of an image, row by row: 9 in general, 3 where one side has a single position, 1 where both have.</summary>
    /// <param name="width">Width of the image in pixels.</param>
    /// <param name="height">Height of the image in pixels.</param>
    /// <param name="view">Side of a view in pixels.</param>
    /// <exception cref="ViewException">The view does not fit.</exception>
    public static IReadOnlyList<PixelBox> Boxes(int width, int height, int view) =>
        [.. from y in Positions(height, view) from x in Positions(width, view) select new PixelBox(x, y, x + view - 1, y + view - 1)];
}
