using System.Text;
using IlgpuSpp.Data.Imaging.Bmp;
using IlgpuSpp.Data.Imaging.Jpeg;
using IlgpuSpp.Data.Imaging.Png;
using IlgpuSpp.Data.Imaging.Pnm;

namespace IlgpuSpp.Data.Imaging;

/// <summary>The decoders written for this project: JPEG, PNG, BMP, PBM/PGM/PPM.</summary>
internal static class BuiltInDecoder
{
    /// <summary>The format that the first bytes announce, or <see langword="null"/> for none of the built-in ones.</summary>
    public static ImageFormat? FormatOf(ReadOnlySpan<byte> data)
    {
        if (data.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF]))
        {
            return ImageFormat.Jpeg;
        }

        if (data.StartsWith(PngDecoder.Signature[..4]))
        {
            return ImageFormat.Png;
        }

        if (data.StartsWith("BM"u8))
        {
            return ImageFormat.Bmp;
        }

        return data.Length >= 3 && data[0] == 'P' && data[1] is >= (byte)'1' and <= (byte)'6' && (PnmDecoder.IsSpace(data[2]) || data[2] == '#')
            ? ImageFormat.Pnm
            : null;
    }

    public static RgbImage Decode(ReadOnlySpan<byte> data, ImageLimits limits, string? name) => FormatOf(data) switch
    {
        ImageFormat.Jpeg => new JpegDecoder(data, limits, name).Decode(),
        ImageFormat.Png => new PngDecoder(data, limits, name).Decode(),
        ImageFormat.Bmp => new BmpDecoder(data, limits, name).Decode(),
        ImageFormat.Pnm => new PnmDecoder(data, limits, name).Decode(),
        _ => throw NotAnImage(data, name),
    };

    public static ImageInfo Identify(ReadOnlySpan<byte> data, string? name)
    {
        var format = FormatOf(data);
        var anySize = new ImageLimits { MaxSide = int.MaxValue, MaxPixels = long.MaxValue };
        var (width, height) = format switch
        {
            ImageFormat.Jpeg => new JpegDecoder(data, anySize, name).ReadSize(),
            ImageFormat.Png => new PngDecoder(data, anySize, name).ReadSize(),
            ImageFormat.Bmp => new BmpDecoder(data, anySize, name).ReadSize(),
            ImageFormat.Pnm => new PnmDecoder(data, anySize, name).ReadSize(),
            _ => throw NotAnImage(data, name),
        };
        return new ImageInfo(format.Value, width, height);
    }

    /// <summary>Says what the data looks like instead, so that a web page saved as .jpg is recognised at a glance.</summary>
    public static DataFormatException NotAnImage(ReadOnlySpan<byte> data, string? name)
    {
        if (data.IsEmpty)
        {
            return new DataFormatException(name, "not an image: the file is empty; fetch it again or remove it");
        }

        if (KnownElsewhere(data) is { } other)
        {
            return new DataFormatException(name, $"the file is {other}, which the built-in decoders do not read; convert it to JPEG or PNG");
        }

        var head = data[..Math.Min(data.Length, 24)];
        var text = head.IndexOfAnyExceptInRange((byte)' ', (byte)'~') is var end && end < 0 ? head : head[..end];
        var begins = text.Length >= Math.Min(4, head.Length)
            ? $"\"{Encoding.ASCII.GetString(text)}\""
            : $"the bytes {Convert.ToHexString(head[..Math.Min(head.Length, 8)])}";
        return new DataFormatException(name, $"not an image: begins with {begins}; JPEG, PNG, BMP or PBM/PGM/PPM data is expected");
    }

    private static string? KnownElsewhere(ReadOnlySpan<byte> data) =>
        data.StartsWith("GIF8"u8) ? "a GIF image"
        : data.StartsWith("RIFF"u8) && data.Length >= 12 && data[8..12].SequenceEqual("WEBP"u8) ? "a WebP image"
        : data.StartsWith("II*\0"u8) || data.StartsWith("MM\0*"u8) ? "a TIFF image"
        : data.Length >= 12 && data[4..8].SequenceEqual("ftyp"u8) ? "a HEIF or AVIF image or a video"
        : data.StartsWith("P7\n"u8) ? "a PAM image"
        : null;
}
