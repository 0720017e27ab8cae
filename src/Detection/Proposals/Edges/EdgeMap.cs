namespace IlgpuSpp.Detection;

/// <summary>
/// Thin edges of an image: at every pixel the strongest gradient of the L*a*b* channels, divided by the mean strength around (an edge in a
/// texture counts less than a lone one), kept where it is the maximum across the edge.
/// </summary>
internal sealed class EdgeMap(int width, int height, float[] strength, float[] orientation)
{
    private const double SurroundSigma = 6;

    // In units of the gradient of 8-bit channels: keeps noise in plain areas from being raised to full strength.
    private const float NoiseFloor = 4;

    public int Width { get; } = width;

    public int Height { get; } = height;

    /// <summary>Edge strength, <c>[height, width]</c>: 0 where there is no edge, at most 1.</summary>
    public float[] Strength { get; } = strength;

    /// <summary>Direction along the edge in radians, 0 up to π: 0 is horizontal, angles grow with x to y.</summary>
    public float[] Orientation { get; } = orientation;

    public static EdgeMap Create(RgbImage image, double sigma, double threshold)
    {
        ColourPlanes colour = ColourPlanes.Convert(image, ColourSpace.Lab);
        int width = image.Width, height = image.Height;
        int radius = GaussianFilter.Radius(sigma);
        float[] smooth = GaussianFilter.Kernel(sigma, radius), slope = GaussianFilter.DerivativeKernel(sigma, radius);
        var gx = new float[width * height];
        var gy = new float[width * height];
        var square = new float[width * height];
        foreach (float[] plane in colour.Planes)
        {
            float[] dx = GaussianFilter.Correlate(plane, width, height, slope, smooth), dy = GaussianFilter.Correlate(plane, width, height, smooth, slope);
            for (int i = 0; i < square.Length; i++)
            {
                float s = dx[i] * dx[i] + dy[i] * dy[i];
                if (s > square[i]) (square[i], gx[i], gy[i]) = (s, dx[i], dy[i]);
            }
        }
        float[] gradient = square;
        for (int i = 0; i < gradient.Length; i++) gradient[i] = MathF.Sqrt(gradient[i]);
        float[] surround = GaussianFilter.Smooth(gradient, width, height, SurroundSigma);
        return Thin(width, height, gradient, surround, gx, gy, (float)threshold);
    }

    private static EdgeMap Thin(int width, int height, float[] gradient, float[] surround, float[] gx, float[] gy, float threshold)
    {
        var strength = new float[width * height];
        var orientation = new float[width * height];
        for (int y = 1; y + 1 < height; y++)
        {
            for (int x = 1; x + 1 < width; x++)
            {
                int i = y * width + x;
                float here = gradient[i];
                // A lone straight edge has a mean of about a quarter of its own strength around it: it gets full strength.
                float value = Math.Min(1, here / (4 * surround[i] + NoiseFloor) * 1.5f);
                if (value <= threshold || !IsRidge(gradient, width, i, gx[i], gy[i], here)) continue;
                strength[i] = value;
                float along = MathF.Atan2(gx[i], -gy[i]);
                orientation[i] = along < 0 ? along + MathF.PI : along >= MathF.PI ? 0 : along;
            }
        }
        return new EdgeMap(width, height, strength, orientation);
    }

    // Compares with the gradient one step on either side along its direction, between two of the eight neighbours. One side
    // is compared strictly, so that of two equal neighbours exactly one stays.
    private static bool IsRidge(float[] gradient, int width, int i, float gx, float gy, float here)
    {
        float ax = Math.Abs(gx), ay = Math.Abs(gy);
        int stepX = gx < 0 ? -1 : 1, stepY = gy < 0 ? -width : width;
        int straight = ax > ay ? stepX : stepY, diagonal = stepX + stepY;
        float part = ax > ay ? ay / ax : ay > 0 ? ax / ay : 0;
        float ahead = gradient[i + straight] + part * (gradient[i + diagonal] - gradient[i + straight]);
        float behind = gradient[i - straight] + part * (gradient[i - diagonal] - gradient[i - straight]);
        return here > ahead && here >= behind;
    }
}
