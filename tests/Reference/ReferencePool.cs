using IlgpuSpp.Engine;

namespace IlgpuSpp.Reference;

/// <summary>Pooling as a plain loop in double precision, NHWC.</summary>
public static class ReferencePool
{
    /// <summary>Max pooling with the winner's place, row · width + column.</summary>
    public static (double[] Y, int[] Argmax) Max(double[] x, Shape map, PoolGeometry g)
    {
        Shape output = ShapeRules.Pool(map, g);
        var y = new double[output.Count];
        var argmax = new int[output.Count];
        ForEachOutput(map, output, (n, oy, ox, c, at) =>
        {
            int top = oy * g.StrideHeight - g.PadHeight, left = ox * g.StrideWidth - g.PadWidth;
            (y[at], argmax[at]) = Maximum(x, map, n, c, (top, top + g.KernelHeight), (left, left + g.KernelWidth));
        });
        return (y, argmax);
    }

    /// <summary>The first of the largest elements of a rectangle, of which what lies outside of the map does not count, and its place.</summary>
    public static (double Value, int Place) Maximum(double[] x, Shape map, int image, int channel, (int Start, int End) rows, (int Start, int End) columns)
    {
        double best = double.NegativeInfinity;
        int place = -1;
        for (int r = rows.Start; r < rows.End; r++)
            for (int q = columns.Start; q < columns.End; q++)
            {
                if (r < 0 || q < 0 || r >= map.Height || q >= map.Width) continue;
                double value = x[((image * map.Height + r) * map.Width + q) * map.Channels + channel];
                if (place >= 0 && !(value > best)) continue;
                best = value;
                place = r * map.Width + q;
            }
        return (best, place);
    }

    /// <summary>Average pooling.</summary>
    public static double[] Average(double[] x, Shape map, PoolGeometry g, AveragePoolDivisor divisor)
    {
        Shape output = ShapeRules.Pool(map, g);
        var y = new double[output.Count];
        ForEachOutput(map, output, (n, oy, ox, c, at) =>
        {
            double sum = 0;
            int valid = 0, padded = 0;
            for (int r = oy * g.StrideHeight - g.PadHeight; r < oy * g.StrideHeight - g.PadHeight + g.KernelHeight; r++)
                for (int q = ox * g.StrideWidth - g.PadWidth; q < ox * g.StrideWidth - g.PadWidth + g.KernelWidth; q++)
                {
                    if (r < map.Height + g.PadBottom && q < map.Width + g.PadRight) padded++;
                    if (r < 0 || q < 0 || r >= map.Height || q >= map.Width) continue;
                    valid++;
                    sum += x[((n * map.Height + r) * map.Width + q) * map.Channels + c];
                }
            y[at] = sum / (divisor == AveragePoolDivisor.Valid ? valid : padded);
        });
        return y;
    }

    private static void ForEachOutput(Shape map, Shape output, Action<int, int, int, int, int> body)
    {
        int at = 0;
        for (int n = 0; n < output.Batch; n++)
            for (int oy = 0; oy < output.Height; oy++)
                for (int ox = 0; ox < output.Width; ox++)
                    for (int c = 0; c < map.Channels; c++)
                        body(n, oy, ox, c, at++);
    }
}
