namespace IlgpuSpp.Detection;

/// <summary>Searches an image for windows: the given one, or a smaller copy of a large one.</summary>
internal static class SearchedImage
{
    /// <summary>Shrinks an image whose longer side is above a bound, searches it, and gives what is found as windows of the image itself.</summary>
    /// <remarks>The windows' outer edges are scaled and rounded, so that the window of all is the window of all.</remarks>
    /// <param name="image">The image.</param>
    /// <param name="longestSide">The bound in pixels; 0 for none.</param>
    /// <param name="search">Finds windows.</param>
    public static PixelBox[] Search(RgbImage image, int longestSide, Func<RgbImage, IReadOnlyList<RegionExtent>> search)
    {
        ArgumentNullException.ThrowIfNull(image);
        double scale = longestSide == 0 ? 1 : Math.Min(1, (double)longestSide / Math.Max(image.Width, image.Height));
        RgbImage searched = scale == 1
            ? image
            : ImageResizer.Resize(image, Math.Max(1, (int)Math.Round(image.Width * scale)), Math.Max(1, (int)Math.Round(image.Height * scale)), ResizeFilter.Bilinear);
        double x = (double)image.Width / searched.Width, y = (double)image.Height / searched.Height;
        return [.. search(searched).Select(box => new PixelBox(Math.Round(box.Left * x), Math.Round(box.Top * y), Math.Round((box.Right + 1) * x) - 1, Math.Round((box.Bottom + 1) * y) - 1))];
    }
}
