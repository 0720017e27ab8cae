#if IMAGESHARP
using System.Reflection;
using SixLabors.ImageSharp.Processing;
using Sharp = SixLabors.ImageSharp;

namespace IlgpuSpp.Data.Imaging;

/// <summary>Decodes with the optional ImageSharp package; what it declines goes to the built-in decoders.</summary>
internal static class ImageSharpDecoder
{
    /// <summary>"ImageSharp" and the package's version.</summary>
    public static string Name { get; } = "ImageSharp " + Version();

    public static ImageInfo Identify(ReadOnlySpan<byte> data)
    {
        try
        {
            var info = Sharp.Image.Identify(data);
            return new ImageInfo(BuiltInDecoder.FormatOf(data) ?? ImageFormat.Other, info.Width, info.Height);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            throw Explain(data, exception, null);
        }
    }

    public static RgbImage Decode(ReadOnlySpan<byte> data, ImageLimits limits, string? name)
    {
        try
        {
            var info = Sharp.Image.Identify(data);
            limits.Check(info.Width, info.Height, "image", name);
            var options = new Sharp.Formats.DecoderOptions { MaxFrames = 1 };
            using var image = Sharp.Image.Load<Sharp.PixelFormats.Rgba32>(options, data);
            image.Mutate(context => context.AutoOrient());
            var rgba = new byte[image.Width * image.Height * 4L];
            image.CopyPixelDataTo(rgba);
            return OverWhite(rgba, image.Width, image.Height);
        }
        catch (Exception exception) when (exception is NotSupportedException or Sharp.UnknownImageFormatException && BuiltInDecoder.FormatOf(data) is not null)
        {
            return BuiltInDecoder.Decode(data, limits, name);
        }
        catch (Exception exception) when (exception is not (OutOfMemoryException or DataFormatException))
        {
            // A damaged file makes a decoder fail in many ways; to the caller they are one.
            throw Explain(data, exception, name);
        }
    }

    private static RgbImage OverWhite(byte[] rgba, int width, int height)
    {
        var result = RgbImage.Uninitialized(width, height);
        var to = result.Pixels;
        for (int i = 0, from = 0; i < to.Length; i += 3, from += 4)
        {
            int alpha = rgba[from + 3], white = (255 * (255 - alpha)) + 127;
            to[i] = (byte)(((rgba[from] * alpha) + white) / 255);
            to[i + 1] = (byte)(((rgba[from + 1] * alpha) + white) / 255);
            to[i + 2] = (byte)(((rgba[from + 2] * alpha) + white) / 255);
        }

        return result;
    }

    private static DataFormatException Explain(ReadOnlySpan<byte> data, Exception exception, string? name) =>
        exception is Sharp.UnknownImageFormatException
            ? BuiltInDecoder.NotAnImage(data, name)
            : new DataFormatException(name, $"corrupt or unsupported image: {exception.Message.ReplaceLineEndings(" ")}; fetch the file again or remove it", exception);

    private static string Version()
    {
        var assembly = typeof(Sharp.Image).Assembly;
        var version = assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? assembly.GetName().Version?.ToString() ?? "";
        return version.Split('+')[0];
    }
}
#endif
