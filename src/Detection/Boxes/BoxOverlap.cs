namespace IlgpuSpp.Detection;

/// <summary>Areas shared by boxes. Boxes include both corner pixels, so that sides are right − left + 1 (PASCAL VOC's convention).</summary>
internal static class BoxOverlap
{
    /// <summary>Pixels that two boxes share; 0 where they do not meet.</summary>
    /// <param name="a">One box.</param>
    /// <param name="b">The other.</param>
    public static double Intersection(PixelBox a, PixelBox b)
    {
        double width = Math.Min(a.Right, b.Right) - Math.Max(a.Left, b.Left) + 1, height = Math.Min(a.Bottom, b.Bottom) - Math.Max(a.Top, b.Top) + 1;
        return width > 0 && height > 0 ? width * height : 0;
    }

    /// <summary>Intersection over union, from 0 (apart) to 1 (equal).</summary>
    /// <param name="a">One box.</param>
    /// <param name="b">The other.</param>
    public static double IntersectionOverUnion(PixelBox a, PixelBox b)
    {
        double shared = Intersection(a, b);
        return shared > 0 ? shared / (a.Area + b.Area - shared) : 0;
    }

    /// <summary>The part of a box that lies inside an image, or null where nothing does.</summary>
    /// <param name="box">The box; its sides must not be below one pixel.</param>
    /// <param name="width">Width of the image in pixels.</param>
    /// <param name="height">Height of the image in pixels.</param>
    public static PixelBox? Clip(PixelBox box, int width, int height)
    {
        var inside = new PixelBox(Math.Max(box.Left, 0), Math.Max(box.Top, 0), Math.Min(box.Right, width - 1), Math.Min(box.Bottom, height - 1));
        return inside.Left <= inside.Right && inside.Top <= inside.Bottom ? inside : null;
    }
}
