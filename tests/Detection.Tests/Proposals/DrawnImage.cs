namespace IlgpuSpp.Detection.Tests;

/// <summary>Images of plain rectangles.</summary>
internal static class DrawnImage
{
    public static RgbImage Plain(int width, int height, byte r, byte g, byte b)
    {
        var image = new RgbImage(width, height);
        return image.With(0, 0, width - 1, height - 1, r, g, b);
    }

    /// <summary>Fills a rectangle, corners included.</summary>
    public static RgbImage With(this RgbImage image, int left, int top, int right, int bottom, byte r, byte g, byte b)
    {
        for (int y = top; y <= bottom; y++)
        {
            for (int x = left; x <= right; x++) (image.Row(y)[3 * x], image.Row(y)[3 * x + 1], image.Row(y)[3 * x + 2]) = (r, g, b);
        }
        return image;
    }

    /// <summary>Adds noise of up to ± amplitude, always the same.</summary>
    public static RgbImage WithNoise(this RgbImage image, int amplitude)
    {
        uint state = 12345;
        for (int i = 0; i < image.Pixels.Length; i++)
        {
            state = state * 1664525 + 1013904223;
            image.Pixels[i] = (byte)Math.Clamp(image.Pixels[i] + (int)(state >> 16) % (2 * amplitude + 1) - amplitude, 0, 255);
        }
        return image;
    }

    /// <summary>Rectangles of many sizes and colours on one another, with noise: enough structure for hundreds of regions.</summary>
    public static RgbImage Busy(int width, int height)
    {
        RgbImage image = Plain(width, height, 90, 90, 90);
        uint state = 7;
        int Next(int bound) => (int)((state = state * 1664525 + 1013904223) >> 8) % bound;
        for (int i = 0; i < 60; i++)
        {
            int left = Next(width - 8), top = Next(height - 8);
            image.With(left, top, Math.Min(width - 1, left + 4 + Next(60)), Math.Min(height - 1, top + 4 + Next(60)), (byte)Next(256), (byte)Next(256), (byte)Next(256));
        }
        return image.WithNoise(6);
    }
}
