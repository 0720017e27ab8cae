using SixLabors.ImageSharp;
using SixLabors.ImageSharp.Formats;
using SixLabors.ImageSharp.Formats.Jpeg;
using SixLabors.ImageSharp.Formats.Png;
using SixLabors.ImageSharp.PixelFormats;

namespace IlgpuSpp.Data.Imaging;

/// <summary>Writes images as PNG and JPEG files; the same bytes for the same image. Thread-safe.</summary>
public static class ImageWriter
{
    private static readonly Configuration Settings = new(new PngConfigurationModule(), new JpegConfigurationModule()) { MaxDegreeOfParallelism = 1 };

    /// <summary>Encodes an image as PNG of 8-bit RGB; decoding gives the same pixels.</summary>
    /// <param name="image">The image.</param>
    public static byte[] Png(RgbImage image) => Encode(image, new PngEncoder { ColorType = PngColorType.Rgb, BitDepth = PngBitDepth.Bit8 });

    /// <summary>Encodes an image as JPEG, its colours at half the resolution.</summary>
    /// <param name="image">The image.</param>
    /// <param name="quality">1 to 100; more is larger and truer.</param>
    /// <exception cref="ArgumentOutOfRangeException">The quality is outside 1 to 100.</exception>
    public static byte[] Jpeg(RgbImage image, int quality = 90)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(quality, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(quality, 100);
        return Encode(image, new JpegEncoder { Quality = quality, ColorType = JpegColorType.YCbCrRatio420 });
    }

    /// <summary>Writes an image as a PNG file, whole or not at all, replacing it where it exists.</summary>
    /// <param name="path">The file.</param>
    /// <param name="image">The image.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void WritePng(string path, RgbImage image)
    {
        byte[] file = Png(image);
        Engine.AtomicFile.Write(path, stream => stream.Write(file), durable: false);
    }

    private static byte[] Encode(RgbImage image, IImageEncoder encoder)
    {
        using Image<Rgb24> wrapped = Image.WrapMemory<Rgb24>(Settings, image.Pixels, image.Width, image.Height);
        using var file = new MemoryStream();
        wrapped.Save(file, encoder);
        return file.ToArray();
    }
}
