using IlgpuSpp.Data;
using IlgpuSpp.Data.Imaging;
using Microsoft.Extensions.Logging;

namespace IlgpuSpp.Detection;

/// <summary>Sizes of images whose annotation does not give them.</summary>
internal static class ImageSizes
{
    /// <summary>The size of the image as it is decoded, or null, with a warning, where it cannot be.</summary>
    public static (int Width, int Height)? Read(string path, ILogger logger)
    {
        try
        {
            // Decoded rather than identified, as an orientation tag may swap the sides.
            RgbImage image = ImageDecoder.DecodeFile(path);
            return (image.Width, image.Height);
        }
        catch (Exception error) when (error is DataFormatException or IOException)
        {
            logger.LogWarning("{Path}: the annotation gives no size and the image cannot be read ({Reason}); it is left out.", path, error.Message);
            return null;
        }
    }
}
