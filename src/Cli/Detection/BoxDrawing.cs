using IlgpuSpp.Data.Imaging;
using IlgpuSpp.Layers;

namespace IlgpuSpp.Cli.Detection;

/// <summary>Draws frames and their names into images.</summary>
internal static class BoxDrawing
{
    // Okabe and Ito's palette, told apart by the colour-blind.
    private static readonly (byte Red, byte Green, byte Blue)[] Palette =
        [(230, 159, 0), (86, 180, 233), (0, 158, 115), (240, 228, 66), (0, 114, 178), (213, 94, 0), (204, 121, 167)];

    // One pixel of the font for this many of the image's smaller side.
    private const int PixelsOfText = 300;

    private static readonly (byte Red, byte Green, byte Blue) Ink = (20, 20, 20);

    public static RgbImage Copy(RgbImage image) => new(image.Width, image.Height, (byte[])image.Pixels.Clone());

    /// <summary>A frame two pixels wide with a dark edge outside, so that it shows on any ground.</summary>
    public static void Frame(RgbImage image, PixelBox box, int colour)
    {
        Rectangle(image, box, 1, Ink);
        Rectangle(image, box, 0, Palette[colour % Palette.Length]);
        Rectangle(image, box, -1, Palette[colour % Palette.Length]);
    }

    /// <summary>A name on a strip of the frame's colour: above the frame, or inside where the image ends; larger in large images.</summary>
    public static void Name(RgbImage image, PixelBox box, string text, int colour)
    {
        int pixel = Math.Max(1, Math.Min(image.Width, image.Height) / PixelsOfText), height = pixel * (PixelFont.Height + 2), width = pixel * ((PixelFont.Width + 1) * text.Length + 1);
        int left = Math.Clamp((int)Math.Round(box.Left), 0, Math.Max(0, image.Width - width)), top = (int)Math.Round(box.Top) - height;
        if (top < 0) top = Math.Clamp((int)Math.Round(box.Top), 0, Math.Max(0, image.Height - height));
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                int column = x / pixel - 1, letter = column < 0 ? -1 : column / (PixelFont.Width + 1);
                bool ink = letter >= 0 && letter < text.Length && PixelFont.Ink(text[letter], column % (PixelFont.Width + 1), y / pixel - 1);
                Set(image, left + x, top + y, ink ? Ink : Palette[colour % Palette.Length]);
            }
        }
    }

    private static void Rectangle(RgbImage image, PixelBox box, int outside, (byte Red, byte Green, byte Blue) colour)
    {
        int left = (int)Math.Round(box.Left) - outside, top = (int)Math.Round(box.Top) - outside, right = (int)Math.Round(box.Right) + outside, bottom = (int)Math.Round(box.Bottom) + outside;
        for (int x = left; x <= right; x++)
        {
            Set(image, x, top, colour);
            Set(image, x, bottom, colour);
        }
        for (int y = top; y <= bottom; y++)
        {
            Set(image, left, y, colour);
            Set(image, right, y, colour);
        }
    }

    private static void Set(RgbImage image, int x, int y, (byte Red, byte Green, byte Blue) colour)
    {
        if ((uint)x >= (uint)image.Width || (uint)y >= (uint)image.Height) return;
        int at = 3 * (y * image.Width + x);
        (image.Pixels[at], image.Pixels[at + 1], image.Pixels[at + 2]) = colour;
    }
}
