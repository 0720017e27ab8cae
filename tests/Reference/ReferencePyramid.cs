using IlgpuSpp.Engine;

namespace IlgpuSpp.Reference;

/// <summary>Spatial pyramid pooling by its definition: every bin of every level looked through on its own.</summary>
public static class ReferencePyramid
{
    /// <summary>The rows or columns of one bin, written down from the paper's Appendix A and the released network.</summary>
    public static (int Start, int End) Bin(PyramidRule rule, int level, int bin, int extent) => rule switch
    {
        PyramidRule.SlidingWindow => (bin * (extent / level), bin * (extent / level) + (int)Math.Ceiling(extent / (double)level)),
        PyramidRule.ReleasedZf5 => level switch
        {
            6 => (2 * bin, 2 * bin + 3),
            3 => (4 * bin, 4 * bin + 5),
            2 => (7 * bin, Math.Min(7 * bin + 7, 13)),
            _ => (0, 13),
        },
        _ => (bin * extent / level, (bin + 1) * extent / level + ((bin + 1) * extent % level == 0 ? 0 : 1)),
    };

    /// <summary>Pools whole maps.</summary>
    public static (double[] Y, int[] Argmax) Pool(double[] x, Shape map, Pyramid pyramid)
    {
        var windows = new int[5 * map.Batch];
        for (int n = 0; n < map.Batch; n++) new[] { n, 0, 0, map.Height, map.Width }.CopyTo(windows, 5 * n);
        return PoolWindows(x, map, windows, pyramid);
    }

    /// <summary>Pools windows given as rows of (image, top, left, bottom, right).</summary>
    public static (double[] Y, int[] Argmax) PoolWindows(double[] x, Shape map, int[] windows, Pyramid pyramid)
    {
        int count = windows.Length / 5, channels = map.Channels;
        var y = new double[count * pyramid.Bins * channels];
        var argmax = new int[y.Length];
        int at = 0;
        for (int w = 0; w < count; w++)
        {
            int image = windows[5 * w], top = windows[5 * w + 1], left = windows[5 * w + 2];
            int height = windows[5 * w + 3] - top, width = windows[5 * w + 4] - left;
            foreach (int n in pyramid.Levels)
                for (int c = 0; c < channels; c++)
                    for (int r = 0; r < n; r++)
                        for (int q = 0; q < n; q++, at++)
                        {
                            var (rowStart, rowEnd) = Bin(pyramid.Rule, n, r, height);
                            var (columnStart, columnEnd) = Bin(pyramid.Rule, n, q, width);
                            (y[at], argmax[at]) = ReferencePool.Maximum(x, map, image, c, (top + rowStart, top + rowEnd), (left + columnStart, left + columnEnd));
                        }
        }
        return (y, argmax);
    }
}
