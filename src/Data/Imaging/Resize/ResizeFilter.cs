namespace IlgpuSpp.Data.Imaging;

/// <summary>How pixels between the source's are computed.</summary>
public enum ResizeFilter
{
    /// <summary>
    /// Two neighbours a side, centres of pixels at half integers, no averaging when making smaller:
    /// OpenCV's INTER_LINEAR, PyTorch's <c>interpolate(bilinear, align_corners=False)</c>.
    /// </summary>
    Bilinear,

    /// <summary>
    /// A triangle as wide as the reduction, so that every source pixel counts when making smaller:
    /// Pillow's BILINEAR, PyTorch's <c>antialias=True</c>. The same as <see cref="Bilinear"/> when making larger.
    /// </summary>
    BilinearAntialias,

    /// <summary>Two neighbours a side, the corner pixels' centres mapped onto each other: PyTorch's <c>align_corners=True</c>.</summary>
    BilinearAlignCorners,
}
