using SixLabors.ImageSharp;
using SixLabors.ImageSharp.Formats;
using SixLabors.ImageSharp.Formats.Bmp;
using SixLabors.ImageSharp.Formats.Gif;
using SixLabors.ImageSharp.Formats.Tga;
using SixLabors.ImageSharp.Formats.Webp;
using SixLabors.ImageSharp.Memory;
using SixLabors.ImageSharp.PixelFormats;

namespace IlgpuSpp.Data.Imaging.Packaged;

/// <summary>
/// The one door to SixLabors.ImageSharp: BMP, GIF, WebP and TGA. The package takes a file cut short for a whole one, trusts lengths
/// and indices in it, and may loop over a damaged one, so that every file is walked here first: its size is read and limited, its
/// data must be as long as the header says, and only variants that the package reads right are handed on.
/// </summary>
internal static class PackagedDecoder
{
    // A few bytes of GIF or WebP can announce any number of pixels of one colour and take seconds to fill them. Real images,
    // drawings on white included, stay far below.
    private const long PixelsPerFile = 4_000_000;
    private const long PixelsPerByte = 2048;

    private static readonly Configuration Settings = new(new BmpConfigurationModule(), new GifConfigurationModule(), new WebpConfigurationModule(), new TgaConfigurationModule())
    {
        MaxDegreeOfParallelism = 1,
        MemoryAllocator = MemoryAllocator.Create(new MemoryAllocatorOptions { MaximumPoolSizeMegabytes = 64, AllocationLimitMegabytes = 1024 }),
    };

    /// <summary>Reads size and orientation, and refuses what cannot be decoded.</summary>
    public static ImageHeader ReadHeader(ImageFormat format, ReadOnlySpan<byte> data, ImageLimits limits, string? name) => Walk(format, data, limits, name, out _);

    /// <summary>Decodes an image and turns it upright.</summary>
    public static RgbImage Decode(ImageFormat format, ReadOnlySpan<byte> data, ImageLimits limits, string? name)
    {
        ImageHeader header = Walk(format, data, limits, name, out ReadOnlySpan<byte> file);
        try
        {
            RgbImage image = format switch
            {
                // Most writers leave the fourth byte of a bitmap's pixel undefined.
                ImageFormat.Bmp => Opaque(file, new BmpDecoder { RleSkippedPixelHandling = RleSkippedPixelHandling.FirstColorOfPalette }),
                ImageFormat.Gif => OverWhite(file, new GifDecoder { DecodingMode = SixLabors.ImageSharp.Metadata.FrameDecodingMode.First, IgnoreMetadata = true }),
                ImageFormat.WebP => OverWhite(file, new WebpDecoder { IgnoreMetadata = true }),
                _ => OverWhite(file, new TgaDecoder()),
            };
            if ((image.Width, image.Height) != (header.Width, header.Height))
                throw Errors(format, name).Corrupt($"the header gives a size of {header.Width} x {header.Height}, the pixels one of {image.Width} x {image.Height}");
            return ExifOrientation.Apply(image, header.Orientation);
        }
        catch (Exception error) when (error is not (DataFormatException or OutOfMemoryException))
        {
            // The package documents no closed list of exceptions, and damaged files bring out any.
            throw error is NotSupportedException ? Errors(format, name).Unsupported("a variant of the format", error) : Errors(format, name).Corrupt("the pixels cannot be decoded", error);
        }
    }

    private static ImageHeader Walk(ImageFormat format, ReadOnlySpan<byte> data, ImageLimits limits, string? name, out ReadOnlySpan<byte> file)
    {
        ImageErrors errors = Errors(format, name);
        file = data;
        ImageHeader header = format switch
        {
            ImageFormat.Bmp => BmpFile.Read(data, errors),
            ImageFormat.Gif => GifFile.Read(data, errors, out file),
            ImageFormat.WebP => WebPFile.Read(data, errors, out file),
            _ => TgaFile.Read(data, errors),
        };
        limits.Check(header.Width, header.Height, errors.Format, name);
        if ((long)header.Width * header.Height > PixelsPerFile + data.Length * PixelsPerByte)
            throw errors.Corrupt($"the header gives a size of {header.Width} x {header.Height}, which {data.Length} bytes cannot hold");
        return header;
    }

    private static RgbImage Opaque(ReadOnlySpan<byte> file, IImageDecoder decoder)
    {
        using Image<Rgb24> decoded = Image.Load<Rgb24>(Settings, file, decoder);
        RgbImage image = RgbImage.Uninitialized(decoded.Width, decoded.Height);
        decoded.CopyPixelDataTo(image.Pixels);
        return image;
    }

    private static RgbImage OverWhite(ReadOnlySpan<byte> file, IImageDecoder decoder)
    {
        using Image<Rgba32> decoded = Image.Load<Rgba32>(Settings, file, decoder);
        RgbImage image = RgbImage.Uninitialized(decoded.Width, decoded.Height);
        decoded.ProcessPixelRows(rows =>
        {
            for (int y = 0; y < rows.Height; y++)
            {
                Span<Rgba32> from = rows.GetRowSpan(y);
                Span<byte> to = image.Row(y);
                for (int x = 0; x < from.Length; x++)
                {
                    Rgba32 pixel = from[x];
                    to[3 * x] = RgbImage.OverWhite(pixel.R, pixel.A);
                    to[3 * x + 1] = RgbImage.OverWhite(pixel.G, pixel.A);
                    to[3 * x + 2] = RgbImage.OverWhite(pixel.B, pixel.A);
                }
            }
        });
        return image;
    }

    private static ImageErrors Errors(ImageFormat format, string? name) => new(name, format switch
    {
        ImageFormat.Bmp => "BMP",
        ImageFormat.Gif => "GIF",
        ImageFormat.WebP => "WebP",
        _ => "TGA",
    });
}
