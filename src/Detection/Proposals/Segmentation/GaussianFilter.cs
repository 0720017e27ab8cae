using System.Numerics;

namespace IlgpuSpp.Detection;

/// <summary>Separable correlation of a plane with small kernels; the border repeats the outermost pixels.</summary>
internal static class GaussianFilter
{
    /// <summary>Gaussian weights that add up to 1.</summary>
    /// <param name="sigma">Standard deviation in pixels, above 0.</param>
    /// <param name="radius">The kernel has 2·radius + 1 taps.</param>
    public static float[] Kernel(double sigma, int radius)
    {
        var weights = new double[2 * radius + 1];
        for (int i = -radius; i <= radius; i++) weights[i + radius] = Math.Exp(-i * i / (2 * sigma * sigma));
        double sum = weights.Sum();
        return [.. weights.Select(w => (float)(w / sum))];
    }

    /// <summary>The first derivative of a Gaussian: its response to a ramp of slope 1 is 1.</summary>
    /// <param name="sigma">Standard deviation in pixels, above 0.</param>
    /// <param name="radius">The kernel has 2·radius + 1 taps.</param>
    public static float[] DerivativeKernel(double sigma, int radius)
    {
        var weights = new double[2 * radius + 1];
        for (int i = -radius; i <= radius; i++) weights[i + radius] = i * Math.Exp(-i * i / (2 * sigma * sigma));
        double slope = 0;
        for (int i = -radius; i <= radius; i++) slope += i * weights[i + radius];
        return [.. weights.Select(w => (float)(w / slope))];
    }

    /// <summary>The radius at which a Gaussian is cut off: three and a half standard deviations.</summary>
    public static int Radius(double sigma) => Math.Max(1, (int)Math.Ceiling(3.5 * sigma));

    /// <summary>Smooths a plane.</summary>
    public static float[] Smooth(float[] plane, int width, int height, double sigma)
    {
        if (sigma <= 0) return plane;
        float[] kernel = Kernel(sigma, Radius(sigma));
        return Correlate(plane, width, height, kernel, kernel);
    }

    /// <summary>Correlates with one kernel along the rows and one along the columns, both of odd length.</summary>
    public static float[] Correlate(float[] plane, int width, int height, float[] alongX, float[] alongY)
    {
        var rows = GC.AllocateUninitializedArray<float>(width * height);
        int radius = alongX.Length / 2;
        var padded = new float[width + 2 * radius];
        for (int y = 0; y < height; y++)
        {
            ReadOnlySpan<float> row = plane.AsSpan(y * width, width);
            padded.AsSpan(0, radius).Fill(row[0]);
            row.CopyTo(padded.AsSpan(radius));
            padded.AsSpan(radius + width).Fill(row[^1]);
            AlongRow(padded, alongX, rows.AsSpan(y * width, width));
        }

        var result = GC.AllocateUninitializedArray<float>(width * height);
        radius = alongY.Length / 2;
        for (int y = 0; y < height; y++) AlongColumns(rows, width, height, y, alongY, radius, result.AsSpan(y * width, width));
        return result;
    }

    private static void AlongRow(ReadOnlySpan<float> padded, float[] kernel, Span<float> to)
    {
        int x = 0;
        for (; x <= to.Length - Vector<float>.Count; x += Vector<float>.Count)
        {
            Vector<float> sum = Vector<float>.Zero;
            for (int t = 0; t < kernel.Length; t++) sum += new Vector<float>(padded[(x + t)..]) * kernel[t];
            sum.CopyTo(to[x..]);
        }
        for (; x < to.Length; x++)
        {
            float sum = 0;
            for (int t = 0; t < kernel.Length; t++) sum += padded[x + t] * kernel[t];
            to[x] = sum;
        }
    }

    private static void AlongColumns(float[] rows, int width, int height, int y, float[] kernel, int radius, Span<float> to)
    {
        int x = 0;
        for (; x <= width - Vector<float>.Count; x += Vector<float>.Count)
        {
            Vector<float> sum = Vector<float>.Zero;
            for (int t = 0; t < kernel.Length; t++) sum += new Vector<float>(rows, Math.Clamp(y + t - radius, 0, height - 1) * width + x) * kernel[t];
            sum.CopyTo(to[x..]);
        }
        for (; x < width; x++)
        {
            float sum = 0;
            for (int t = 0; t < kernel.Length; t++) sum += rows[Math.Clamp(y + t - radius, 0, height - 1) * width + x] * kernel[t];
            to[x] = sum;
        }
    }
}
