namespace IlgpuSpp.Detection;

/// <summary>
/// How R-CNN makes a network's crop of a window (Girshick, Donahue, Darrell and Malik, "Rich feature hierarchies for accurate object detection and
/// semantic segmentation", 2014, section 2.1): its surroundings are taken along so that they fill a border of a fixed width in the crop, width and height are
/// stretched apart from each other, and what lies outside the image is filled with the mean.
/// </summary>
/// <param name="Left">First column of the image that the crop shows.</param>
/// <param name="Top">First row.</param>
/// <param name="Right">The column behind the last.</param>
/// <param name="Bottom">The row behind the last.</param>
/// <param name="CropLeft">The column of the crop where they begin; what is before lies outside the image.</param>
/// <param name="CropTop">The row of the crop where they begin.</param>
/// <param name="CropRight">The column of the crop behind them.</param>
/// <param name="CropBottom">The row of the crop behind them.</param>
internal readonly record struct WindowWarp(int Left, int Top, int Right, int Bottom, int CropLeft, int CropTop, int CropRight, int CropBottom)
{
    /// <summary>Finds the pixels for a window.</summary>
    /// <param name="box">The window, inside the image.</param>
    /// <param name="width">Width of the image.</param>
    /// <param name="height">Height of the image.</param>
    /// <param name="side">Side of the crop.</param>
    /// <param name="context">Width of the surroundings in pixels of the crop.</param>
    public static WindowWarp Of(PixelBox box, int width, int height, int side, int context)
    {
        double scale = side / (double)(side - 2 * context);
        (int left, int right, int cropLeft, int cropRight) = Extent(box.Left, box.Right, width, side, scale);
        (int top, int bottom, int cropTop, int cropBottom) = Extent(box.Top, box.Bottom, height, side, scale);
        return new WindowWarp(left, top, right, bottom, cropLeft, cropTop, cropRight, cropBottom);
    }

    /// <summary>Writes the crop as network input, <c>[side, side, 3]</c>.</summary>
    public void Write(RgbImage image, int side, InputPreparation preparation, Span<float> input)
    {
        int width = Right - Left, height = Bottom - Top, cropWidth = CropRight - CropLeft, cropHeight = CropBottom - CropTop;
        var shown = new RgbImage(width, height);
        for (int y = 0; y < height; y++) image.Row(Top + y).Slice(3 * Left, 3 * width).CopyTo(shown.Row(y));
        if ((width, height) != (cropWidth, cropHeight)) shown = ImageResizer.Resize(shown, cropWidth, cropHeight, preparation.Filter);
        bool whole = cropWidth == side && cropHeight == side;
        RgbImage crop = whole ? shown : new RgbImage(side, side);
        for (int y = 0; !whole && y < cropHeight; y++) shown.Row(y).CopyTo(crop.Row(CropTop + y).Slice(3 * CropLeft, 3 * cropWidth));
        preparation.WriteFull(crop, flip: false, input);
        // The mean is 0 once it is subtracted.
        for (int y = 0; !whole && y < side; y++)
        {
            Span<float> row = input.Slice(3 * side * y, 3 * side);
            bool outside = y < CropTop || y >= CropBottom;
            row[..(outside ? row.Length : 3 * CropLeft)].Clear();
            row[(3 * CropRight)..].Clear();
        }
    }

    private static (int First, int End, int CropFirst, int CropEnd) Extent(double first, double last, int pixels, int side, double scale)
    {
        double middle = (first + last + 1) / 2, half = (last - first + 1) / 2 * scale;
        int start = Nearest(middle - half), end = Nearest(middle + half);
        int inside = Math.Max(start, 0), insideEnd = Math.Min(end, pixels);
        double stretch = side / (double)(end - start);
        int cropStart = Math.Min(Nearest((inside - start) * stretch), side - 1);
        return (inside, insideEnd, cropStart, Math.Max(Nearest((insideEnd - start) * stretch), cropStart + 1));
    }

    // Halves upwards everywhere, so that a stretch of at least one pixel keeps one.
    private static int Nearest(double value) => (int)Math.Floor(value + 0.5);
}
