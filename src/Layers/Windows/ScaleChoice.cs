namespace IlgpuSpp.Layers;

/// <summary>Chooses, for a window, the image scale at which its features are pooled.</summary>
public static class ScaleChoice
{
    /// <summary>The paper's rule (section 4.1): the scale at which the window's area is closest to <paramref name="target"/>² pixels.</summary>
    /// <param name="box">The window in the original image.</param>
    /// <param name="minSide">Shorter side of the original image.</param>
    /// <param name="scales">Shorter sides to choose from.</param>
    /// <param name="target">224 in the paper.</param>
    /// <returns>The index of the chosen scale, the first on ties.</returns>
    public static int ByArea(PixelBox box, int minSide, ReadOnlySpan<int> scales, int target = 224)
    {
        int best = 0;
        for (int i = 1; i < scales.Length; i++)
            if (Distance(scales[i]) < Distance(scales[best]))
                best = i;
        return best;

        double Distance(int scale) => Math.Abs(box.Area * scale / minSide * scale / minSide - (double)target * target);
    }

    /// <summary>The release's rule: the scale closest to round(208·minSide/√area), 208 being 13 responses of stride 16.</summary>
    /// <param name="box">The window in the original image.</param>
    /// <param name="minSide">Shorter side of the original image.</param>
    /// <param name="scales">Shorter sides to choose from.</param>
    /// <param name="side">Side that the window should have.</param>
    /// <returns>The index of the chosen scale, the first on ties, and the scale that would fit exactly.</returns>
    public static (int Index, int Expected) BySide(PixelBox box, int minSide, ReadOnlySpan<int> scales, int side = 208)
    {
        int expected = (int)Math.Round(side * minSide / Math.Sqrt(box.Area), MidpointRounding.AwayFromZero);
        int best = 0;
        for (int i = 1; i < scales.Length; i++)
            if (Math.Abs(scales[i] - expected) < Math.Abs(scales[best] - expected))
                best = i;
        return (best, expected);
    }
}
