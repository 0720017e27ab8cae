using IlgpuSpp.Data.Imaging;

namespace IlgpuSpp.Cli.Detection;

/// <summary>Draws frames and their names into images.</summary>
internal static class BoxDrawing
{
    // Okabe and Ito's palette, told apart by the colour-blind.
    private static readonly (byte Red, byte Green, byte Blue)[] s_palette =
        [(230, 159, 0), (86, 180, 233), (0, 158, 115), (240, 228, 66), (0, 114, 178), (213, 94, 0), (204, 121, 167)];

    private static readonly (byte Red, byte Green, byte Blue) s_ink = (20, 20, 20), s_paper = (255, 255, 255);

    // Of the longer side: a frame is as many times thinner, a capital as many times lower. Neither goes below what can be seen.
    private const double Frames = 320, Capitals = 64, ThinnestFrame = 2, LowestCapital = 8, LeastReadable = 5;

    // Around a name, in heights of a capital; below it there is room for tails.
    private const double Side = 0.5, Above = 0.4, Below = 0.55;

    public static RgbImage Copy(RgbImage image) => new(image.Width, image.Height, (byte[])image.Pixels.Clone());

    /// <summary>A box in an image that is larger by a factor.</summary>
    public static PixelBox Scaled(PixelBox box, double factor) => new(box.Left * factor, box.Top * factor, (box.Right + 1) * factor - 1, (box.Bottom + 1) * factor - 1);

    /// <summary>The image with a frame around each box, and names that cover as little as there is room for.</summary>
    /// <param name="image">The image.</param>
    /// <param name="boxes">The boxes with their names and the numbers of their colours, the most important first.</param>
    public static RgbImage Named(RgbImage image, IReadOnlyList<(PixelBox Box, string Name, int Colour)> boxes)
    {
        RgbImage copy = Copy(image);
        int longer = Math.Max(image.Width, image.Height), thickness = (int)Math.Round(Math.Max(ThinnestFrame, longer / Frames)), outside = thickness / 2 + Edge(thickness);
        // The most important last, on top.
        foreach ((PixelBox box, _, int colour) in boxes.Reverse()) Frame(copy, box, s_palette[colour % s_palette.Length], thickness);

        double size = Math.Max(LowestCapital, longer / Capitals);
        double[] sizes = [.. boxes.Select(item => Math.Max(LeastReadable, Math.Min(size, size * image.Width / (StrokeFont.Width(item.Name, size) + 2 * Side * size))))];
        (int Width, int Height)[] names =
            [.. boxes.Select((item, i) => ((int)Math.Ceiling(StrokeFont.Width(item.Name, sizes[i]) + 2 * Side * sizes[i]), (int)Math.Ceiling((1 + Above + Below) * sizes[i])))];
        PixelBox[] frames = [.. boxes.Select(item => new PixelBox(item.Box.Left - outside, item.Box.Top - outside, item.Box.Right + outside + 1, item.Box.Bottom + outside + 1))];
        IReadOnlyList<(int Left, int Top)> places = LabelPlacement.Place(image.Width, image.Height, frames, names);
        // Below all names.
        for (int i = boxes.Count - 1; i >= 0; i--)
        {
            var place = new PixelBox(places[i].Left, places[i].Top, places[i].Left + names[i].Width, places[i].Top + names[i].Height);
            if (LabelPlacement.Gap(place, frames[i]) > names[i].Height / 2.0) Leader(copy, place, frames[i], s_palette[boxes[i].Colour % s_palette.Length]);
        }
        for (int i = boxes.Count - 1; i >= 0; i--)
        {
            (byte Red, byte Green, byte Blue) colour = s_palette[boxes[i].Colour % s_palette.Length];
            (int left, int top) = places[i];
            Fill(copy, left, top, left + names[i].Width - 1, top + names[i].Height - 1, colour);
            bool dark = (colour.Red * 299 + colour.Green * 587 + colour.Blue * 114) / 1000 > 115;
            StrokeFont.Draw(copy, boxes[i].Name, left + Side * sizes[i], top + Above * sizes[i], sizes[i], dark ? s_ink : s_paper);
        }
        return copy;
    }

    /// <summary>A frame along a box's edge, with dark lines on both sides so that it shows on any ground.</summary>
    /// <param name="image">Is drawn into.</param>
    /// <param name="box">The box.</param>
    /// <param name="colour">The colour.</param>
    /// <param name="thickness">Width of the coloured line in pixels.</param>
    public static void Frame(RgbImage image, PixelBox box, (byte Red, byte Green, byte Blue) colour, int thickness)
    {
        int edge = Edge(thickness);
        Ring(image, box, thickness / 2 + edge, thickness + 2 * edge, s_ink);
        Ring(image, box, thickness / 2, thickness, colour);
    }

    private static int Edge(int thickness) => Math.Max(1, thickness / 3);

    private static void Ring(RgbImage image, PixelBox box, int outside, int thickness, (byte Red, byte Green, byte Blue) colour)
    {
        int left = (int)Math.Round(box.Left) - outside, top = (int)Math.Round(box.Top) - outside, right = (int)Math.Round(box.Right) + outside, bottom = (int)Math.Round(box.Bottom) + outside;
        Fill(image, left, top, right, top + thickness - 1, colour);
        Fill(image, left, bottom - thickness + 1, right, bottom, colour);
        Fill(image, left, top, left + thickness - 1, bottom, colour);
        Fill(image, right - thickness + 1, top, right, bottom, colour);
    }

    // From the middle of a name to the nearest place of its box.
    private static void Leader(RgbImage image, PixelBox name, PixelBox box, (byte Red, byte Green, byte Blue) colour)
    {
        double fromX = (name.Left + name.Right) / 2, fromY = (name.Top + name.Bottom) / 2, toX = Math.Clamp(fromX, box.Left, box.Right), toY = Math.Clamp(fromY, box.Top, box.Bottom);
        int steps = (int)Math.Ceiling(Math.Max(Math.Abs(toX - fromX), Math.Abs(toY - fromY)));
        foreach ((int thick, (byte, byte, byte) ink) in ((int, (byte, byte, byte))[])[(2, s_ink), (1, colour)])
            for (int i = 0; i <= steps; i++)
            {
                int x = (int)Math.Round(fromX + (toX - fromX) * i / steps), y = (int)Math.Round(fromY + (toY - fromY) * i / steps);
                Fill(image, x - thick + 1, y - thick + 1, x + thick - 1, y + thick - 1, ink);
            }
    }

    private static void Fill(RgbImage image, int left, int top, int right, int bottom, (byte Red, byte Green, byte Blue) colour)
    {
        for (int y = Math.Max(0, top); y <= Math.Min(image.Height - 1, bottom); y++)
            for (int x = Math.Max(0, left); x <= Math.Min(image.Width - 1, right); x++)
            {
                int at = 3 * (y * image.Width + x);
                (image.Pixels[at], image.Pixels[at + 1], image.Pixels[at + 2]) = colour;
            }
    }
}
