namespace IlgpuSpp.Engine.Cpu;

/// <summary>
/// The bins of one window for the channels of one block, without places: the order in which maxima are joined does not
/// matter, so that a group of rows is a whole segment of rows.
/// </summary>
internal static unsafe class PyramidValues
{
    private const int Block = PyramidForwardJob.Block;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Pool<TLanes>(in PyramidScratch scratch, in PyramidExtents extents, float* map, MapWindow window, int from, int to)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        int channels = extents.Channels, groups = scratch.Rows.Segments;
        int* rowStarts = scratch.Rows.Starts;
        long stride = (long)extents.Width * channels;
        map += window.Top * stride + (long)window.Left * channels;
        for (int group = 0; group < groups; group++)
        {
            SegmentMaxima<TLanes>(scratch, map + rowStarts[group] * stride, rowStarts[group + 1] - rowStarts[group], stride, channels, from, to);
            for (int l = 0; l < extents.Levels.Pooled; l++)
                JoinSegments<TLanes>(scratch, extents.Levels.Steps[l], group, from, to);
        }
        for (int l = extents.Levels.Pooled; l < extents.Levels.Count; l++)
            JoinBins<TLanes>(scratch.Bins, extents.Levels.Steps[l], from, to);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void SegmentMaxima<TLanes>(in PyramidScratch scratch, float* group, int height, long stride, int channels, int from, int to)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        int count = scratch.Columns.Segments;
        int* starts = scratch.Columns.Starts;
        float* target = scratch.Segments;
        for (int segment = 0; segment < count; segment++, target += Block)
        {
            float* corner = group + (long)starts[segment] * channels;
            int width = starts[segment + 1] - starts[segment], c = from;
            for (; c + 4 * TLanes.Count <= to; c += 4 * TLanes.Count)
            {
                float* line = corner + c;
                TLanes b0 = TLanes.Load(line), b1 = TLanes.Load(line + TLanes.Count);
                TLanes b2 = TLanes.Load(line + 2 * TLanes.Count), b3 = TLanes.Load(line + 3 * TLanes.Count);
                for (int y = 0; y < height; y++, line += stride)
                {
                    float* at = line;
                    for (int x = 0; x < width; x++, at += channels)
                    {
                        b0 = WindowMax.Larger(b0, TLanes.Load(at));
                        b1 = WindowMax.Larger(b1, TLanes.Load(at + TLanes.Count));
                        b2 = WindowMax.Larger(b2, TLanes.Load(at + 2 * TLanes.Count));
                        b3 = WindowMax.Larger(b3, TLanes.Load(at + 3 * TLanes.Count));
                    }
                }
                b0.Store(target + c);
                b1.Store(target + c + TLanes.Count);
                b2.Store(target + c + 2 * TLanes.Count);
                b3.Store(target + c + 3 * TLanes.Count);
            }
            for (; c < to; c += TLanes.Count)
            {
                float* line = corner + c;
                TLanes best = TLanes.Load(line);
                for (int y = 0; y < height; y++, line += stride)
                {
                    float* at = line;
                    for (int x = 0; x < width; x++, at += channels) best = WindowMax.Larger(best, TLanes.Load(at));
                }
                best.Store(target + c);
            }
        }
    }

    // Column segments of one group → column bins → the bins whose rows hold the group.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void JoinSegments<TLanes>(in PyramidScratch scratch, LevelStep step, int group, int from, int to)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        int n = step.Level;
        int* firstRows = scratch.Rows.FirstSegments + step.Side, firstColumns = scratch.Columns.FirstSegments + step.Side, endColumns = scratch.Columns.EndSegments + step.Side;
        var (low, high) = scratch.Rows.Holding(step, group);
        for (int q = 0; q < n; q++)
        {
            float* segments = scratch.Segments + firstColumns[q] * Block;
            int joined = endColumns[q] - firstColumns[q];
            float* column = scratch.Bins + (step.Offset + q) * Block;
            for (int c = from; c < to; c += TLanes.Count)
            {
                float* segment = segments + c;
                TLanes best = TLanes.Load(segment);
                for (int s = 1; s < joined; s++)
                {
                    segment += Block;
                    best = WindowMax.Larger(best, TLanes.Load(segment));
                }
                for (int r = low; r < high; r++)
                {
                    float* bin = column + r * n * Block + c;
                    if (firstRows[r] == group) best.Store(bin);
                    else WindowMax.Larger(TLanes.Load(bin), best).Store(bin);
                }
            }
        }
    }

    // Bins of a finer level → the bins of a level that divides it.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void JoinBins<TLanes>(float* bins, LevelStep step, int from, int to)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        int n = step.Level, parts = step.Parent / n;
        for (int r = 0; r < n; r++)
            for (int q = 0; q < n; q++)
            {
                float* target = bins + (step.Offset + r * n + q) * Block;
                float* corner = bins + (step.ParentOffset + r * parts * step.Parent + q * parts) * Block;
                for (int c = from; c < to; c += TLanes.Count)
                {
                    TLanes best = TLanes.Load(corner + c);
                    for (int i = 0; i < parts; i++)
                        for (int j = 0; j < parts; j++)
                            best = WindowMax.Larger(best, TLanes.Load(corner + (i * step.Parent + j) * Block + c));
                    best.Store(target + c);
                }
            }
    }
}
