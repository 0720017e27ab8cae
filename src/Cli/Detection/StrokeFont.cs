using System.Globalization;
using System.Text;
using IlgpuSpp.Data.Imaging;

namespace IlgpuSpp.Cli.Detection;

/// <summary>
/// Letters as strokes of a round pen, drawn smoothly at any size: a pixel is covered as far as its centre lies inside the pen's track. Covers ASCII; the
/// accented letters of Latin-1 lose their accents, a frame stands for any other character.
/// </summary>
internal static class StrokeFont
{
    // A capital reaches from 0 down to the baseline at 10, small letters from 3.4, tails to 13.
    private const double CapHeight = 10, Tail = 3, Space = 3, Between = 2.7, PenRadius = 0.72;

    private const int ArcSteps = 16;

    // From U+00C0 to U+00FF.
    private const string Unaccented = "AAAAAAACEEEEIIIIDNOOOOOxOUUUUYPsaaaaaaaceeeeiiiidnooooo/ouuuuypy";

    /// <summary>Width of a line of text in pixels.</summary>
    /// <param name="text">The text.</param>
    /// <param name="size">Height of a capital in pixels.</param>
    public static double Width(string text, double size)
    {
        (_, double width) = Outline(text);
        return Math.Max(0, width) * size / CapHeight;
    }

    /// <summary>Draws a line of text.</summary>
    /// <param name="image">The image.</param>
    /// <param name="text">The text.</param>
    /// <param name="left">Left end in pixels.</param>
    /// <param name="top">Upper end of the capitals in pixels.</param>
    /// <param name="size">Height of a capital in pixels.</param>
    /// <param name="ink">The colour.</param>
    public static void Draw(RgbImage image, string text, double left, double top, double size, (byte Red, byte Green, byte Blue) ink)
    {
        (List<Stroke> strokes, double width) = Outline(text);
        double scale = size / CapHeight, radius = Math.Max(0.55, PenRadius * scale), margin = radius + 1;
        int firstX = Math.Max(0, (int)Math.Floor(left - margin)), lastX = Math.Min(image.Width - 1, (int)Math.Ceiling(left + width * scale + margin));
        int firstY = Math.Max(0, (int)Math.Floor(top - scale - margin)), lastY = Math.Min(image.Height - 1, (int)Math.Ceiling(top + (CapHeight + Tail) * scale + margin));
        if (lastX < firstX || lastY < firstY) return;
        int columns = lastX - firstX + 1;
        // Strokes that cross must not darken a pixel twice: the nearest one counts.
        var coverage = new double[columns * (lastY - firstY + 1)];
        foreach (Stroke unscaled in strokes)
        {
            var stroke = new Stroke(left + unscaled.X1 * scale, top + unscaled.Y1 * scale, left + unscaled.X2 * scale, top + unscaled.Y2 * scale);
            int fromX = Math.Max(firstX, (int)(Math.Min(stroke.X1, stroke.X2) - margin)), toX = Math.Min(lastX, (int)(Math.Max(stroke.X1, stroke.X2) + margin));
            int fromY = Math.Max(firstY, (int)(Math.Min(stroke.Y1, stroke.Y2) - margin)), toY = Math.Min(lastY, (int)(Math.Max(stroke.Y1, stroke.Y2) + margin));
            for (int y = fromY; y <= toY; y++)
                for (int x = fromX; x <= toX; x++)
                {
                    ref double covered = ref coverage[(y - firstY) * columns + x - firstX];
                    covered = Math.Max(covered, Math.Clamp(radius + 0.5 - stroke.Distance(x + 0.5, y + 0.5), 0, 1));
                }
        }
        for (int y = firstY; y <= lastY; y++)
            for (int x = firstX; x <= lastX; x++)
            {
                double covered = coverage[(y - firstY) * columns + x - firstX];
                if (covered == 0) continue;
                Span<byte> pixel = image.Pixels.AsSpan(3 * (y * image.Width + x), 3);
                pixel[0] = Mix(pixel[0], ink.Red);
                pixel[1] = Mix(pixel[1], ink.Green);
                pixel[2] = Mix(pixel[2], ink.Blue);

                byte Mix(byte ground, byte colour) => (byte)Math.Round(ground + covered * (colour - ground));
            }
    }

    private static (List<Stroke> Strokes, double Width) Outline(string text)
    {
        var strokes = new List<Stroke>();
        double at = 0;
        foreach (Rune letter in text.EnumerateRunes())
        {
            if (letter.Value == ' ')
            {
                at += Space;
                continue;
            }
            int first = strokes.Count;
            double end = 0;
            foreach (string part in Strokes(letter.IsAscii ? (char)letter.Value : letter.Value is >= 0xC0 and <= 0xFF ? Unaccented[letter.Value - 0xC0] : '\0').Split(';'))
            {
                (double X, double Y)[] points = part[0] == '@' ? Arc(Numbers(part[1..])) : [.. Numbers(part).Chunk(2).Select(pair => (pair[0], pair[1]))];
                for (int i = 1; i < points.Length; i++) strokes.Add(new Stroke(points[i - 1].X, points[i - 1].Y, points[i].X, points[i].Y));
                end = Math.Max(end, points.Max(point => point.X));
            }
            for (int i = first; i < strokes.Count; i++) strokes[i] = strokes[i] with { X1 = strokes[i].X1 + at, X2 = strokes[i].X2 + at };
            at += end + Between;
        }
        return (strokes, at - Between);
    }

    private static double[] Numbers(string part) => [.. part.Split(' ').Select(number => double.Parse(number, CultureInfo.InvariantCulture))];

    // Centre, radii, and from which angle to which, in degrees from the right by way of the bottom.
    private static (double X, double Y)[] Arc(double[] arc) =>
    [
        .. Enumerable.Range(0, ArcSteps + 1).Select(i => double.DegreesToRadians(arc[4] + (arc[5] - arc[4]) * i / ArcSteps))
            .Select(angle => (arc[0] + arc[2] * Math.Cos(angle), arc[1] + arc[3] * Math.Sin(angle))),
    ];

    // Lines through points "x y x y", or arcs "@x y rx ry from to", apart by semicolons; a dot is a line to itself.
    private static string Strokes(char letter) => letter switch
    {
        '0' => "@2.7 5 2.7 5 0 360",
        '1' => "0.4 2 2.6 0 2.6 10;0.4 10 4.8 10",
        '2' => "@2.7 2.7 2.7 2.7 190 380;5.24 3.62 0 10 5.4 10",
        '3' => "@2.6 2.4 2.4 2.4 200 450;@2.6 7.4 2.7 2.6 270 520",
        '4' => "4.2 10 4.2 0 0 7 5.6 7",
        '5' => "5 0 0.9 0 0.69 4.37;@2.6 6.7 2.7 3.3 225 510",
        '6' => "@2.7 6.8 2.7 3.2 0 360;@4.9 6.8 4.9 6.8 180 265",
        '7' => "0 0 5.4 0 1.8 10",
        '8' => "@2.7 2.4 2.3 2.4 0 360;@2.7 7.4 2.7 2.6 0 360",
        '9' => "@2.7 3.2 2.7 3.2 0 360;@0.5 3.2 4.9 6.8 0 85",
        'A' => "0 10 3.2 0 6.4 10;1.15 6.4 5.25 6.4",
        'B' => "2.8 0 0 0 0 10 3 10;0 4.8 3 4.8;@2.8 2.4 2.4 2.4 270 450;@3 7.4 2.6 2.6 270 450",
        'C' => "@3.4 5 3.4 5 45 315",
        'D' => "2.4 0 0 0 0 10 2.4 10;@2.4 5 3.6 5 270 450",
        'E' => "5 0 0 0 0 10 5 10;0 4.8 4.4 4.8",
        'F' => "5 0 0 0 0 10;0 4.8 4.2 4.8",
        'G' => "@3.5 5 3.5 5 0 315;7 5 4.2 5",
        'H' => "0 0 0 10;6 0 6 10;0 4.8 6 4.8",
        'I' => "0.3 0 0.3 10",
        'J' => "3.6 0 3.6 7.4;@1.8 7.4 1.8 2.6 0 170",
        'K' => "0 0 0 10;5.6 0 0 6;2 4 5.8 10",
        'L' => "0 0 0 10 4.8 10",
        'M' => "0 10 0 0 3.7 6.5 7.4 0 7.4 10",
        'N' => "0 10 0 0 6 10 6 0",
        'O' => "@3.7 5 3.7 5 0 360",
        'P' => "2.8 0 0 0 0 10;0 5.4 2.8 5.4;@2.8 2.7 2.6 2.7 270 450",
        'Q' => "@3.7 5 3.7 5 0 360;4.4 7.4 7 10.8",
        'R' => "2.8 0 0 0 0 10;0 5.4 2.8 5.4;@2.8 2.7 2.6 2.7 270 450;2.6 5.4 5.4 10",
        'S' => "@2.8 2.5 2.5 2.5 330 90;@2.8 7.5 2.8 2.5 270 510",
        'T' => "0 0 6.2 0;3.1 0 3.1 10",
        'U' => "0 0 0 6.8;6 0 6 6.8;@3 6.8 3 3.2 0 180",
        'V' => "0 0 3.2 10 6.4 0",
        'W' => "0 0 2.2 10 4.6 1.5 7 10 9.2 0",
        'X' => "0 0 6 10;6 0 0 10",
        'Y' => "0 0 3.1 5.2 6.2 0;3.1 5.2 3.1 10",
        'Z' => "0 0 5.8 0 0 10 5.8 10",
        'a' => "@2.6 6.7 2.6 3.3 0 360;5.2 3.4 5.2 10",
        'b' => "0 0 0 10;@2.6 6.7 2.6 3.3 0 360",
        'c' => "@2.6 6.7 2.6 3.3 45 315",
        'd' => "@2.6 6.7 2.6 3.3 0 360;5.2 0 5.2 10",
        'e' => "0 6.7 5.2 6.7;@2.6 6.7 2.6 3.3 360 50",
        'f' => "@3 1.9 1.7 1.9 180 290;1.3 1.9 1.3 10;0 3.6 3.2 3.6",
        'g' => "@2.6 6.7 2.6 3.3 0 360;5.2 3.4 5.2 10.4;@2.6 10.4 2.6 2.6 0 150",
        'h' => "0 0 0 10;@2.5 5.9 2.5 2.5 180 360;5 5.9 5 10",
        'i' => "0.3 3.4 0.3 10;0.3 0.6 0.3 0.6",
        'j' => "2 3.4 2 10.8;@0.4 10.8 1.6 2.2 0 100;2 0.6 2 0.6",
        'k' => "0 0 0 10;4.4 3.4 0 7.4;1.7 5.9 4.7 10",
        'l' => "0.3 0 0.3 8.4;@1.7 8.4 1.4 1.6 180 90",
        'm' => "0 3.4 0 10;@2 5.4 2 2 180 360;4 5.4 4 10;@6 5.4 2 2 180 360;8 5.4 8 10",
        'n' => "0 3.4 0 10;@2.5 5.9 2.5 2.5 180 360;5 5.9 5 10",
        'o' => "@2.7 6.7 2.7 3.3 0 360",
        'p' => "0 3.4 0 13;@2.6 6.7 2.6 3.3 0 360",
        'q' => "5.2 3.4 5.2 13;@2.6 6.7 2.6 3.3 0 360",
        'r' => "0 3.4 0 10;@2.4 5.8 2.4 2.4 180 290",
        's' => "@2.2 5.05 2 1.65 330 90;@2.2 8.35 2.2 1.65 270 510",
        't' => "1.4 0.8 1.4 8.2;@3 8.2 1.6 1.8 180 70;0 3.4 3.4 3.4",
        'u' => "0 3.4 0 7.5;@2.5 7.5 2.5 2.5 180 0;5 3.4 5 10",
        'v' => "0 3.4 2.5 10 5 3.4",
        'w' => "0 3.4 1.8 10 3.7 4.4 5.6 10 7.4 3.4",
        'x' => "0 3.4 4.6 10;4.6 3.4 0 10",
        'y' => "0 3.4 2.6 10;5.2 3.4 1.4 13",
        'z' => "0 3.4 4.6 3.4 0 10 4.6 10",
        '!' => "0.3 0 0.3 6.6;0.3 9.6 0.3 9.6",
        '"' => "0.3 0 0.3 3;2.3 0 2.3 3",
        '#' => "1.8 0.5 1 9.5;4.8 0.5 4 9.5;0.2 3.4 5.9 3.4;0 6.6 5.7 6.6",
        '$' => "@2.8 2.5 2.5 2.5 330 90;@2.8 7.5 2.8 2.5 270 510;2.8 -1 2.8 11",
        '%' => "6.8 0 1 10;@1.7 2.2 1.7 2.2 0 360;@6.1 7.8 1.7 2.2 0 360",
        '&' => "6.6 10 1.5 3.3;@3 2.2 1.8 2.2 150 405;4.3 3.7 1 5.8;@2.7 7.6 2.7 2.4 230 70;3.6 9.9 6.2 5.6",
        '\'' => "0.3 0 0.3 3",
        '(' => "@3.4 5 3.4 6.6 130 230",
        ')' => "@-1.2 5 3.4 6.6 -50 50",
        '*' => "2 1 2 5;0.3 2 3.7 4;0.3 4 3.7 2",
        '+' => "0 5.6 5 5.6;2.5 3.1 2.5 8.1",
        ',' => "0.8 9.5 0.2 11.6",
        '-' => "0 6.2 3.4 6.2",
        '.' => "0.3 9.7 0.3 9.7",
        '/' => "0 10.8 4 -0.6",
        ':' => "0.3 4.4 0.3 4.4;0.3 9.6 0.3 9.6",
        ';' => "0.8 4.4 0.8 4.4;0.8 9.5 0.2 11.6",
        '<' => "4.6 2.6 0 5.8 4.6 9",
        '=' => "0 4.2 5 4.2;0 7.2 5 7.2",
        '>' => "0 2.6 4.6 5.8 0 9",
        '?' => "@2.3 2.4 2.3 2.4 190 400;4.06 3.94 2.3 5.6 2.3 7;2.3 9.6 2.3 9.6",
        '@' => "@4 5.4 4 4.8 50 360;@3.9 5.6 1.8 2.1 0 360;5.7 3.5 5.7 7;@6.85 7 1.15 1 180 0;8 5.4 8 7",
        '[' => "2 -0.8 0 -0.8 0 11.4 2 11.4",
        '\\' => "0 -0.6 4 10.8",
        ']' => "0 -0.8 2 -0.8 2 11.4 0 11.4",
        '^' => "0 3 2 0 4 3",
        '_' => "0 11.4 5 11.4",
        '`' => "0 0 1.4 1.8",
        '{' => "2.4 -0.8 1.2 0.2 1.2 4 0 5.2 1.2 6.4 1.2 10.4 2.4 11.4",
        '|' => "0.3 -1 0.3 11.6",
        '}' => "0 -0.8 1.2 0.2 1.2 4 2.4 5.2 1.2 6.4 1.2 10.4 0 11.4",
        '~' => "0 6.4 1.2 5.2 2.4 5.6 3.4 6.4 4.6 5.2",
        _ => "0 0 5 0 5 10 0 10 0 0",
    };

    private readonly record struct Stroke(double X1, double Y1, double X2, double Y2)
    {
        public double Distance(double x, double y)
        {
            double alongX = X2 - X1, alongY = Y2 - Y1, length = alongX * alongX + alongY * alongY;
            double share = length == 0 ? 0 : Math.Clamp(((x - X1) * alongX + (y - Y1) * alongY) / length, 0, 1);
            double acrossX = x - X1 - share * alongX, acrossY = y - Y1 - share * alongY;
            return Math.Sqrt(acrossX * acrossX + acrossY * acrossY);
        }
    }
}
