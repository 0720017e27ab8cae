namespace IlgpuSpp.Layers;

/// <summary>Which responses of a map belong to a window of the image.</summary>
public enum WindowRule
{
    /// <summary>The paper's Appendix A: the responses whose centres lie strictly inside the window.</summary>
    Paper,

    /// <summary>The authors' release: also responses whose centres lie up to S/2 − offset pixels outside.</summary>
    Release,
}

/// <summary>Maps windows of a resized image to windows of its feature map.</summary>
/// <param name="Field">Stride and centre of the map's responses.</param>
/// <param name="Rule">Which responses belong to a window.</param>
/// <param name="Offset">Pixels by which the release shrinks a window, 6.5 in its settings; not used by the paper's rule.</param>
public sealed record WindowMapping(ReceptiveField Field, WindowRule Rule = WindowRule.Paper, double Offset = 6.5)
{
    /// <summary>
    /// The window's responses. A window between two responses gets the one in the middle, and all are clamped to the map,
    /// so that every window has at least one response.
    /// </summary>
    /// <param name="box">The window in the resized image.</param>
    /// <param name="mapHeight">Rows of the map, at least 1.</param>
    /// <param name="mapWidth">Columns of the map, at least 1.</param>
    public MapWindow Map(PixelBox box, int mapHeight, int mapWidth)
    {
        (int left, int right) = Side(box.Left, box.Right, mapWidth);
        (int top, int bottom) = Side(box.Top, box.Bottom, mapHeight);
        return new MapWindow(left, top, right + 1, bottom + 1);
    }

    /// <summary>First and last response along one side before they are put in order and clamped.</summary>
    /// <param name="first">First pixel of the window, 0-based.</param>
    /// <param name="last">Last pixel of the window, 0-based.</param>
    public (int First, int Last) Responses(double first, double last)
    {
        double start = (first - Field.Centre) / Field.Stride, end = (last - Field.Centre) / Field.Stride, shrink = Offset / Field.Stride;
        return Rule == WindowRule.Paper
            ? ((int)Math.Floor(start) + 1, (int)Math.Ceiling(end) - 1)
            : ((int)Math.Floor(start + shrink + 0.5), (int)Math.Ceiling(end - shrink - 0.5));
    }

    private (int First, int Last) Side(double firstPixel, double lastPixel, int extent)
    {
        (int first, int last) = Responses(firstPixel, lastPixel);
        // The release halves 1-based numbers and cuts towards zero.
        if (first > last) first = last = (first + 1 + last + 1) / 2 - 1;
        return (Math.Clamp(first, 0, extent - 1), Math.Clamp(last, 0, extent - 1));
    }
}

/// <summary>Chooses, for a window, the image scale at which its features are pooled.</summary>
public static class ScaleChoice
{
    /// <summary>The paper's rule (section 4.1): the scale at which the window's area is closest to <paramref name="target"/>² pixels.</summary>
    /// <param name="box">The window in the original image.</param>
    /// <param name="minSide">Shorter side of the original image.</param>
    /// <param name="scales">Shorter sides to choose from.</param>
    /// <param name="target">224 in the paper.</param>
    /// <returns>The index of the chosen scale, the first on ties.</returns>
    public static int ByArea(PixelBox box, int minSide, ReadOnlySpan<int> scales, int target = 224)
    {
        int best = 0;
        for (int i = 1; i < scales.Length; i++)
            if (Distance(scales[i]) < Distance(scales[best]))
                best = i;
        return best;

        double Distance(int scale) => Math.Abs(box.Area * scale / minSide * scale / minSide - (double)target * target);
    }

    /// <summary>The release's rule: the scale closest to round(208·minSide/√area), 208 being 13 responses of stride 16.</summary>
    /// <param name="box">The window in the original image.</param>
    /// <param name="minSide">Shorter side of the original image.</param>
    /// <param name="scales">Shorter sides to choose from.</param>
    /// <param name="side">Side that the window should have.</param>
    /// <returns>The index of the chosen scale, the first on ties, and the scale that would fit exactly.</returns>
    public static (int Index, int Expected) BySide(PixelBox box, int minSide, ReadOnlySpan<int> scales, int side = 208)
    {
        int expected = (int)Math.Round(side * minSide / Math.Sqrt(box.Area), MidpointRounding.AwayFromZero);
        int best = 0;
        for (int i = 1; i < scales.Length; i++)
            if (Math.Abs(scales[i] - expected) < Math.Abs(scales[best] - expected))
                best = i;
        return (best, expected);
    }
}
