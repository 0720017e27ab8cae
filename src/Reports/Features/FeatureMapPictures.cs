using IlgpuSpp.Data.Imaging;
using IlgpuSpp.Inference;
using IlgpuSpp.Layers;

namespace IlgpuSpp.Reports;

/// <summary>Pictures of feature maps: over the image, channel by channel, and the place that a response sees.</summary>
internal static class FeatureMapPictures
{
    private const int SmallestTile = 48, Gap = 2;

    /// <summary>A map as colours over its image: each pixel takes the map's value at its place, between responses by linear interpolation.</summary>
    /// <param name="image">The image as the network saw it.</param>
    /// <param name="map">The map, <c>[height, width]</c>, none of it below 0.</param>
    /// <param name="height">Rows of the map.</param>
    /// <param name="width">Columns of the map.</param>
    /// <param name="field">Where the responses lie in the image.</param>
    /// <returns>A picture of the image's size.</returns>
    public static RgbImage Heat(RgbImage image, ReadOnlySpan<float> map, int height, int width, ReceptiveField field)
    {
        float strongest = 0;
        foreach (float value in map) strongest = Math.Max(strongest, value);
        var picture = new RgbImage(image.Width, image.Height);
        for (int y = 0; y < image.Height; y++)
            for (int x = 0; x < image.Width; x++)
            {
                double share = strongest > 0 ? Sample(map, height, width, (y - field.Centre) / field.Stride, (x - field.Centre) / field.Stride) / strongest : 0;
                (byte red, byte green, byte blue) = HeatColours.At(share);
                int at = (y * image.Width + x) * 3;
                // The grey of the image below shows the place, the colour the strength.
                int grey = (image.Pixels[at] * 299 + image.Pixels[at + 1] * 587 + image.Pixels[at + 2] * 114) / 1000;
                picture.Pixels[at] = (byte)((grey * 2 + red * 3) / 5);
                picture.Pixels[at + 1] = (byte)((grey * 2 + green * 3) / 5);
                picture.Pixels[at + 2] = (byte)((grey * 2 + blue * 3) / 5);
            }
        return picture;
    }

    /// <summary>The sum over the channels of a map, below 0 counted as 0.</summary>
    /// <param name="map">The map, <c>[h, w, c]</c>.</param>
    /// <returns><c>[h, w]</c>.</returns>
    public static float[] ChannelSum(FeatureArray map)
    {
        int channels = map.Shape[2];
        var sums = new float[map.Values.Length / channels];
        for (int i = 0; i < map.Values.Length; i++) sums[i / channels] += Math.Max(0, map.Values[i]);
        return sums;
    }

    /// <summary>One channel of a map, below 0 set to 0.</summary>
    /// <param name="map">The map, <c>[h, w, c]</c>.</param>
    /// <param name="channel">The channel.</param>
    /// <returns><c>[h, w]</c>.</returns>
    public static float[] Channel(FeatureArray map, int channel)
    {
        int channels = map.Shape[2];
        var values = new float[map.Values.Length / channels];
        for (int i = 0; i < values.Length; i++) values[i] = Math.Max(0, map.Values[i * channels + channel]);
        return values;
    }

    /// <summary>All channels of a map side by side, row by row, each from its own smallest value (black) to its largest (white).</summary>
    /// <param name="map">The map, <c>[h, w, c]</c>.</param>
    public static RgbImage ContactSheet(FeatureArray map)
    {
        int height = map.Shape[0], width = map.Shape[1], channels = map.Shape[2];
        int zoom = Math.Max(1, (SmallestTile + Math.Max(height, width) - 1) / Math.Max(height, width));
        int columns = (int)Math.Ceiling(Math.Sqrt(channels)), rows = (channels + columns - 1) / columns;
        var sheet = new RgbImage(columns * (width * zoom + Gap) + Gap, rows * (height * zoom + Gap) + Gap);
        Array.Fill(sheet.Pixels, (byte)90);
        for (int c = 0; c < channels; c++)
        {
            float low = float.PositiveInfinity, high = float.NegativeInfinity;
            for (int i = c; i < map.Values.Length; i += channels) (low, high) = (Math.Min(low, map.Values[i]), Math.Max(high, map.Values[i]));
            int left = Gap + c % columns * (width * zoom + Gap), top = Gap + c / columns * (height * zoom + Gap);
            for (int y = 0; y < height * zoom; y++)
                for (int x = 0; x < width * zoom; x++)
                {
                    double share = high > low ? (map.Values[(y / zoom * width + x / zoom) * channels + c] - low) / (high - low) : 0;
                    int at = ((top + y) * sheet.Width + left + x) * 3;
                    (sheet.Pixels[at], sheet.Pixels[at + 1], sheet.Pixels[at + 2]) = HeatColours.At(share);
                }
        }
        return sheet;
    }

    /// <summary>The image with a frame around what one response sees.</summary>
    /// <param name="image">The image as the network saw it.</param>
    /// <param name="row">Row of the response in its map.</param>
    /// <param name="column">Column of the response.</param>
    /// <param name="field">Where the responses lie in the image.</param>
    public static RgbImage Marked(RgbImage image, int row, int column, ReceptiveField field)
    {
        var picture = new RgbImage(image.Width, image.Height, (byte[])image.Pixels.Clone());
        PixelBox box = Seen(row, column, field);
        int left = Inside(box.Left, image.Width), right = Inside(box.Right, image.Width), top = Inside(box.Top, image.Height), bottom = Inside(box.Bottom, image.Height);
        // Wide enough to be seen where the page shows the image small.
        int thickness = Math.Max(2, Math.Max(image.Width, image.Height) / 64);
        for (int y = top; y <= bottom; y++)
            for (int x = left; x <= right; x++)
                if (Math.Min(Math.Min(x - left, right - x), Math.Min(y - top, bottom - y)) < thickness) Paint(x, y);
        return picture;

        void Paint(int x, int y)
        {
            int at = (y * picture.Width + x) * 3;
            (picture.Pixels[at], picture.Pixels[at + 1], picture.Pixels[at + 2]) = (255, 40, 160);
        }

        static int Inside(double place, int extent) => Math.Clamp((int)Math.Round(place), 0, extent - 1);
    }

    /// <summary>The pixels that a response sees; may reach over the image's border.</summary>
    /// <param name="row">Row of the response in its map.</param>
    /// <param name="column">Column of the response.</param>
    /// <param name="field">Where the responses lie in the image.</param>
    public static PixelBox Seen(int row, int column, ReceptiveField field)
    {
        double reach = (field.Size - 1) / 2.0, x = field.Centre + (double)field.Stride * column, y = field.Centre + (double)field.Stride * row;
        return new PixelBox(x - reach, y - reach, x + reach, y + reach);
    }

    /// <summary>Where in the image a response looks, in words.</summary>
    /// <param name="image">The image as the network saw it.</param>
    /// <param name="row">Row of the response in its map.</param>
    /// <param name="column">Column of the response.</param>
    /// <param name="field">Where the responses lie in the image.</param>
    /// <returns>One of nine places, for example <c>top left</c> or <c>centre</c>.</returns>
    public static string Place(RgbImage image, int row, int column, ReceptiveField field)
    {
        string down = Third(field.Centre + (double)field.Stride * row, image.Height, "top", "", "bottom");
        string across = Third(field.Centre + (double)field.Stride * column, image.Width, "left", "", "right");
        return (down.Length, across.Length) switch
        {
            (0, 0) => "centre",
            (0, _) => across,
            (_, 0) => down,
            _ => $"{down} {across}",
        };

        static string Third(double place, int extent, string first, string middle, string last) => place < extent / 3.0 ? first : place <= extent * 2 / 3.0 ? middle : last;
    }

    private static double Sample(ReadOnlySpan<float> map, int height, int width, double row, double column)
    {
        row = Math.Clamp(row, 0, height - 1);
        column = Math.Clamp(column, 0, width - 1);
        int y = Math.Min((int)row, Math.Max(0, height - 2)), x = Math.Min((int)column, Math.Max(0, width - 2));
        int below = Math.Min(y + 1, height - 1), right = Math.Min(x + 1, width - 1);
        double down = row - y, across = column - x;
        return (map[y * width + x] * (1 - across) + map[y * width + right] * across) * (1 - down)
            + (map[below * width + x] * (1 - across) + map[below * width + right] * across) * down;
    }
}

/// <summary>A bar of the colours of activations with a name at each end.</summary>
/// <param name="weakest">What the dark end stands for.</param>
/// <param name="strongest">What the light end stands for.</param>
internal sealed class ColourScale(string weakest, string strongest) : IHtmlPart
{
    private const int Steps = 60;

    public void WriteTo(HtmlWriter writer)
    {
        writer.Write($"<div class=\"scale pictures\"><svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Steps} 1\" preserveAspectRatio=\"none\" shape-rendering=\"crispEdges\" role=\"img\" aria-label=\"colours from {weakest} to {strongest}\">");
        for (int i = 0; i < Steps; i++)
        {
            (byte red, byte green, byte blue) = HeatColours.At(i / (Steps - 1.0));
            writer.Write($"<rect x=\"{i}\" y=\"0\" width=\"1.05\" height=\"1\" fill=\"rgb({red},{green},{blue})\" />");
        }
        writer.Write($"</svg><div><span>{weakest}</span><span>{strongest}</span></div></div>");
    }
}

/// <summary>Colours of activations from none to the strongest: black, violet, red, orange, yellow, white; ever lighter, so that grey prints keep the order.</summary>
internal static class HeatColours
{
    private static ReadOnlySpan<byte> Stops =>
    [
        0, 0, 8, 74, 12, 107, 187, 55, 84, 249, 142, 9, 249, 217, 86, 255, 255, 255,
    ];

    /// <summary>The colour of a share.</summary>
    /// <param name="share">0 to 1; values outside are clamped.</param>
    public static (byte Red, byte Green, byte Blue) At(double share)
    {
        int last = Stops.Length / 3 - 1;
        double place = Math.Clamp(share, 0, 1) * last;
        int stop = Math.Min((int)place, last - 1);
        double rest = place - stop;
        return (Mix(0), Mix(1), Mix(2));

        byte Mix(int channel) => (byte)Math.Round(Stops[3 * stop + channel] * (1 - rest) + Stops[3 * stop + 3 + channel] * rest);
    }
}
