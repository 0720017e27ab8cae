namespace IlgpuSpp.Data.Imaging;

/// <summary>A rectangle of an image in pixels; pixel (x, y) covers [x, x + 1) by [y, y + 1), so fractions are allowed.</summary>
/// <param name="X">Left edge.</param>
/// <param name="Y">Upper edge.</param>
/// <param name="Width">Width, above 0.</param>
/// <param name="Height">Height, above 0.</param>
public readonly record struct PixelRegion(double X, double Y, double Width, double Height)
{
    /// <summary>The region that covers a whole image.</summary>
    /// <param name="image">The image.</param>
    public static PixelRegion Whole(RgbImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        return new PixelRegion(0, 0, image.Width, image.Height);
    }
}
