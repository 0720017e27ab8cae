namespace IlgpuSpp.Data.Imaging;

/// <summary>The image formats that can be told apart by their first bytes.</summary>
public enum ImageFormat
{
    /// <summary>JPEG: begins with FF D8 FF.</summary>
    Jpeg,

    /// <summary>PNG: begins with 89 "PNG".</summary>
    Png,

    /// <summary>Windows or OS/2 bitmap: begins with "BM".</summary>
    Bmp,

    /// <summary>Netpbm bitmap, greymap or pixmap: begins with "P1" to "P6".</summary>
    Pnm,

    /// <summary>A format that only the optional ImageSharp package reads (GIF, WebP, TIFF and others).</summary>
    Other,
}
