namespace IlgpuSpp.Detection;

/// <summary>What the sides of a box are where boxes are encoded.</summary>
public enum BoxSides
{
    /// <summary>Pixels, both corners included: right − left + 1.</summary>
    Pixels,

    /// <summary>The distance of the corners, as in the release: right − left + ε, ε = 2⁻⁵².</summary>
    Corners,
}

/// <summary>
/// How far a window is from its object, independent of its size (R-CNN's form, which the paper uses): with w = right − left + 1 (or + ε), likewise h, and the centre
/// at left + w/2: ((gx − x)/w, (gy − y)/h, ln(gw/w), ln(gh/h)).
/// </summary>
internal static class BoxEncoding
{
    /// <summary>Numbers of an encoding.</summary>
    public const int Length = 4;

    // A predicted side grows or shrinks by no more than this in its logarithm, so that it stays finite.
    private const double LargestLog = 4;

    private const double Epsilon = 1.0 / (1L << 52);

    /// <summary>Encodes an object by a window.</summary>
    /// <param name="window">The window.</param>
    /// <param name="target">The object.</param>
    /// <param name="values">Receives the four numbers.</param>
    /// <param name="sides">What sides are.</param>
    public static void Encode(PixelBox window, PixelBox target, Span<double> values, BoxSides sides = BoxSides.Pixels)
    {
        (double x, double y, double w, double h) = Centre(window, sides);
        (double gx, double gy, double gw, double gh) = Centre(target, sides);
        (values[0], values[1], values[2], values[3]) = ((gx - x) / w, (gy - y) / h, Math.Log(gw / w), Math.Log(gh / h));
    }

    /// <summary>The box that an encoding stands for.</summary>
    /// <param name="window">The window.</param>
    /// <param name="values">The four numbers.</param>
    /// <param name="sides">What sides are.</param>
    public static PixelBox Decode(PixelBox window, ReadOnlySpan<double> values, BoxSides sides = BoxSides.Pixels)
    {
        (double x, double y, double w, double h) = Centre(window, sides);
        double gw = w * Math.Exp(Math.Clamp(values[2], -LargestLog, LargestLog)), gh = h * Math.Exp(Math.Clamp(values[3], -LargestLog, LargestLog));
        double left = x + values[0] * w - gw / 2, top = y + values[1] * h - gh / 2;
        double more = More(sides);
        return new PixelBox(left, top, left + gw - more, top + gh - more);
    }

    private static double More(BoxSides sides) => sides == BoxSides.Pixels ? 1 : Epsilon;

    private static (double X, double Y, double Width, double Height) Centre(PixelBox box, BoxSides sides)
    {
        double width = box.Right - box.Left + More(sides), height = box.Bottom - box.Top + More(sides);
        return (box.Left + width / 2, box.Top + height / 2, width, height);
    }
}
