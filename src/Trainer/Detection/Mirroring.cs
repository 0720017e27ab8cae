using IlgpuSpp.Data.Imaging;
using IlgpuSpp.Layers;

namespace IlgpuSpp.Training;

/// <summary>Images and their windows mirrored left to right.</summary>
internal static class Mirroring
{
    /// <summary>A mirrored copy of an image.</summary>
    public static RgbImage Mirror(RgbImage image)
    {
        var result = new RgbImage(image.Width, image.Height);
        for (int y = 0; y < image.Height; y++)
        {
            Span<byte> from = image.Row(y), to = result.Row(y);
            for (int x = 0; x < image.Width; x++) from.Slice(3 * x, 3).CopyTo(to[(3 * (image.Width - 1 - x))..]);
        }
        return result;
    }

    /// <summary>Where a box lies in the mirrored image.</summary>
    /// <param name="box">The box.</param>
    /// <param name="width">Width of the image in pixels.</param>
    public static PixelBox Mirror(PixelBox box, int width) => box with { Left = width - 1 - box.Right, Right = width - 1 - box.Left };
}
