namespace IlgpuSpp.Layers;

/// <summary>A window of an image in 0-based pixels, both corners included.</summary>
/// <param name="Left">Column of the first pixel.</param>
/// <param name="Top">Row of the first pixel.</param>
/// <param name="Right">Column of the last pixel.</param>
/// <param name="Bottom">Row of the last pixel.</param>
public readonly record struct PixelBox(double Left, double Top, double Right, double Bottom)
{
    /// <summary>Pixels inside: (right − left + 1)·(bottom − top + 1).</summary>
    public double Area => (Right - Left + 1) * (Bottom - Top + 1);

    /// <summary>The box in an image resized with aligned corners: first and last pixels of both images fall together (the release's convention).</summary>
    /// <param name="minSide">Shorter side of the original image.</param>
    /// <param name="scale">Shorter side of the resized image.</param>
    public PixelBox Resized(int minSide, int scale)
    {
        double factor = minSide > 1 ? (scale - 1.0) / (minSide - 1.0) : 1;
        return new PixelBox(Left * factor, Top * factor, Right * factor, Bottom * factor);
    }
}

/// <summary>A window of a feature map in 0-based elements, right and bottom excluded.</summary>
/// <param name="Left">First column.</param>
/// <param name="Top">First row.</param>
/// <param name="Right">The column behind the last.</param>
/// <param name="Bottom">The row behind the last.</param>
public readonly record struct MapWindow(int Left, int Top, int Right, int Bottom);
