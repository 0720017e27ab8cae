namespace IlgpuSpp.Data.Imaging;

/// <summary>
/// Decodes images to 8-bit RGB. The format is chosen by content, never by file name; an EXIF orientation is applied;
/// transparency is composited over white. Thread-safe.
/// </summary>
public static class ImageDecoder
{
    /// <summary>Decodes an image from memory.</summary>
    /// <param name="data">The whole file.</param>
    /// <param name="limits">The largest image accepted; <see cref="ImageLimits.Default"/> where <see langword="null"/>.</param>
    /// <param name="name">A name for error messages, usually the path.</param>
    /// <returns>The image, upright, <c>[height, width, 3]</c>.</returns>
    /// <exception cref="DataFormatException">The data is not an image, is damaged or truncated, uses an unsupported variant, or exceeds the limits.</exception>
    public static RgbImage Decode(ReadOnlySpan<byte> data, ImageLimits? limits = null, string? name = null)
    {
        limits ??= ImageLimits.Default;
        return BuiltInDecoder.Decode(data, limits, name);
    }

    /// <summary>Decodes an image file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="limits">The largest image accepted; <see cref="ImageLimits.Default"/> where <see langword="null"/>.</param>
    /// <returns>The image, upright, <c>[height, width, 3]</c>.</returns>
    /// <exception cref="DataFormatException">The file is not an image, is damaged or truncated, uses an unsupported variant, or exceeds the limits.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static RgbImage DecodeFile(string path, ImageLimits? limits = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return Decode(File.ReadAllBytes(path), limits, path);
    }

    /// <summary>Reads format and size from the header without decoding.</summary>
    /// <param name="data">The file, or as much of its beginning as holds the header.</param>
    /// <returns>The format and the stored size.</returns>
    /// <exception cref="DataFormatException">The data is not an image or its header is damaged.</exception>
    public static ImageInfo Identify(ReadOnlySpan<byte> data)
    {
        return BuiltInDecoder.Identify(data, null);
    }
}
