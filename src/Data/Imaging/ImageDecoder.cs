using IlgpuSpp.Data.Imaging.Jpeg;
using IlgpuSpp.Data.Imaging.Packaged;
using IlgpuSpp.Data.Imaging.Png;
using IlgpuSpp.Data.Imaging.Pnm;

namespace IlgpuSpp.Data.Imaging;

/// <summary>The image formats that are decoded.</summary>
internal enum ImageFormat
{
    Jpeg,
    Png,
    Pnm,
    Bmp,
    Gif,
    WebP,
    Tga,
}

/// <summary>
/// Decodes JPEG, PNG, PBM/PGM/PPM, BMP, GIF (its first frame), WebP and TGA to 8-bit RGB. The format is chosen by content, never by
/// file name; an orientation in the file's metadata is applied; transparency is composited over white. Thread-safe.
/// </summary>
public static class ImageDecoder
{
    /// <summary>Decodes an image from memory.</summary>
    /// <param name="data">The whole file.</param>
    /// <param name="limits">The largest image accepted; <see cref="ImageLimits.Default"/> where <see langword="null"/>.</param>
    /// <param name="name">A name for error messages, usually the path.</param>
    /// <param name="leastSide">
    /// Where above 0, a JPEG may be decoded at a half, a quarter or an eighth of its size (rounded up) as long as no side falls below this: a third less time for pictures that are made
    /// much smaller anyway. Its pixels are those of the IJG library's scaled decoding.
    /// </param>
    /// <returns>The image, upright, <c>[height, width, 3]</c>.</returns>
    /// <exception cref="DataFormatException">The data is not an image, is damaged or truncated, uses an unsupported variant, or exceeds the limits.</exception>
    public static RgbImage Decode(ReadOnlySpan<byte> data, ImageLimits? limits = null, string? name = null, int leastSide = 0)
    {
        limits ??= ImageLimits.Default;
        return FormatOf(data) switch
        {
            ImageFormat.Jpeg => new JpegDecoder(data, limits, name, leastSide).Decode(),
            ImageFormat.Png => new PngDecoder(data, limits, name).Decode(),
            ImageFormat.Pnm => new PnmDecoder(data, limits, name).Decode(),
            { } packaged => PackagedDecoder.Decode(packaged, data, limits, name),
            null => throw NotAnImage(data, name),
        };
    }

    /// <summary>Decodes an image file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="limits">The largest image accepted; <see cref="ImageLimits.Default"/> where <see langword="null"/>.</param>
    /// <param name="leastSide">As in <see cref="Decode"/>.</param>
    /// <returns>The image, upright, <c>[height, width, 3]</c>.</returns>
    /// <exception cref="DataFormatException">The file is not an image, is damaged or truncated, uses an unsupported variant, or exceeds the limits.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static RgbImage DecodeFile(string path, ImageLimits? limits = null, int leastSide = 0)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (!IsOrdinary(path)) throw Extraordinary(path);
        return Decode(File.ReadAllBytes(path), limits, path, leastSide);
    }

    /// <summary>Whether a path is a file with content. Pipes, sockets and devices have none before they are opened, which might never return.</summary>
    internal static bool IsOrdinary(string path)
    {
        var file = new FileInfo(path);
        return !file.Exists || (file.ResolveLinkTarget(returnFinalTarget: true) is FileInfo target ? target : file) is { Exists: false } or { Length: > 0 };
    }

    /// <summary>The refusal of a file that <see cref="IsOrdinary"/> tells apart.</summary>
    internal static DataFormatException Extraordinary(string path) => new(path, "is empty or no ordinary file; fetch it again or remove it");

    /// <summary>Reads size and orientation without decoding.</summary>
    internal static ImageHeader ReadHeader(ReadOnlySpan<byte> data, string? name) => FormatOf(data) switch
    {
        ImageFormat.Jpeg => new JpegDecoder(data, ImageLimits.Default, name).ReadHeader(),
        ImageFormat.Png => new PngDecoder(data, ImageLimits.Default, name).ReadHeader(),
        ImageFormat.Pnm => new PnmDecoder(data, ImageLimits.Default, name).ReadHeader(),
        { } packaged => PackagedDecoder.ReadHeader(packaged, data, ImageLimits.Default, name),
        null => throw NotAnImage(data, name),
    };

    /// <summary>The format that the first bytes announce, or <see langword="null"/> for none that is decoded. TGA has no signature and is told by a plausible header of 18 bytes.</summary>
    internal static ImageFormat? FormatOf(ReadOnlySpan<byte> data)
    {
        if (data.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF])) return ImageFormat.Jpeg;
        if (data.StartsWith(PngDecoder.Signature[..4])) return ImageFormat.Png;
        if (data.StartsWith("BM"u8)) return ImageFormat.Bmp;
        if (data.StartsWith("GIF87a"u8) || data.StartsWith("GIF89a"u8)) return ImageFormat.Gif;
        if (data.Length >= 12 && data.StartsWith("RIFF"u8) && data[8..12].SequenceEqual("WEBP"u8)) return ImageFormat.WebP;
        if (data.Length >= 3 && data[0] == 'P' && data[1] is >= (byte)'1' and <= (byte)'6' && (PnmDecoder.IsSpace(data[2]) || data[2] == '#')) return ImageFormat.Pnm;
        return TgaFile.IsPlausible(data) ? ImageFormat.Tga : null;
    }

    // Says what kind of data it is instead, so that a web page saved as .jpg is recognised at a glance; never what it says.
    private static DataFormatException NotAnImage(ReadOnlySpan<byte> data, string? name)
    {
        if (data.IsEmpty) return new DataFormatException(name, "not an image: the file is empty; fetch it again or remove it");
        if (OtherImage(data) is { } other) return new DataFormatException(name, $"the file is {other}, which is not read; convert it to JPEG or PNG");
        return new DataFormatException(name, $"not an image: it looks like {OtherData(data)}; JPEG, PNG, BMP, GIF, WebP, TGA or PBM/PGM/PPM data is expected");
    }

    private static string? OtherImage(ReadOnlySpan<byte> data) =>
        data.StartsWith("II*\0"u8) || data.StartsWith("MM\0*"u8) ? "a TIFF image"
        : data.Length >= 12 && data[4..8].SequenceEqual("ftyp"u8) ? "a HEIF or AVIF image or a video"
        : data.StartsWith("P7\n"u8) ? "a PAM image"
        : data.StartsWith("8BPS"u8) ? "a Photoshop image"
        : null;

    private static string OtherData(ReadOnlySpan<byte> data) =>
        data.TrimStart(" \t\r\n"u8).StartsWith("<"u8) ? "a web page or XML"
        : data.StartsWith("PK\x3\x4"u8) ? "a ZIP archive"
        : data.StartsWith("%PDF"u8) ? "a PDF"
        : !data[..Math.Min(data.Length, 256)].ContainsAnyExceptInRange((byte)'\t', (byte)'~') ? "text"
        : "no known kind of data";
}

/// <summary>What the first bytes of an image file say about it.</summary>
/// <param name="Width">Width in pixels as stored.</param>
/// <param name="Height">Height in pixels as stored.</param>
/// <param name="Orientation">The orientation of EXIF or XMP, 1 to 8; 1 is upright.</param>
internal readonly record struct ImageHeader(int Width, int Height, int Orientation = 1)
{
    /// <summary>Width and height of the image as it is decoded: orientations 5 to 8 exchange the sides.</summary>
    public (int Width, int Height) Upright => Orientation > 4 ? (Height, Width) : (Width, Height);
}

/// <summary>The failures of a decoder: what is wrong, then what to do.</summary>
/// <param name="Name">The name of the data, usually its path.</param>
/// <param name="Format">The format, as in "JPEG".</param>
internal readonly record struct ImageErrors(string? Name, string Format)
{
    public DataFormatException Truncated(string where) =>
        new(Name, $"truncated {Format}: the data ends {where}; fetch the file again or remove it");

    public DataFormatException Corrupt(string what, Exception? inner = null) =>
        new(Name, $"corrupt {Format}: {what}; fetch the file again or remove it", inner);

    public DataFormatException Unsupported(string what, Exception? inner = null) =>
        new(Name, $"unsupported {Format}: {what}; convert the file to 8-bit JPEG or PNG", inner);
}
