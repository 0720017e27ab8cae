namespace IlgpuSpp.Engine.Cpu;

/// <summary>The extents of a local response normalisation within channels, shared by its jobs.</summary>
internal unsafe struct LrnMapExtents
{
    public int Height, Width, Channels, Size, RowsPerItem, ItemsPerImage;

    /// <summary>Scratch of all workers, <see cref="ScratchLength"/> floats for each.</summary>
    public float* Scratch;

    public readonly int Half => Size / 2;

    public readonly long RowLength => (long)Width * Channels;

    /// <summary>One map row with half a window of zeros at each end, so that no column is a special case.</summary>
    public readonly long ScratchLength => (RowLength + 2L * Half * Channels + 15) / 16 * 16;

    /// <summary>The zero-padded row of a worker, at its first real element.</summary>
    public readonly float* PaddedRow(int worker)
    {
        float* row = Scratch + worker * ScratchLength;
        new Span<float>(row, Half * Channels).Clear();
        float* real = row + (long)Half * Channels;
        new Span<float>(real + RowLength, Half * Channels).Clear();
        return real;
    }
}

/// <summary>LRN within channels, forwards or backwards: terms are summed down the rows of the window, then along them. An item is a run of rows.</summary>
internal unsafe struct LrnWithinJob<TMap> : IVectorJob
    where TMap : unmanaged, ILrnMap
{
    public LrnMapExtents Extents;
    public TMap Map;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Run<TLanes>(int item, int worker)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        int image = item / Extents.ItemsPerImage, first = item % Extents.ItemsPerImage * Extents.RowsPerItem;
        int last = Math.Min(first + Extents.RowsPerItem, Extents.Height), half = Extents.Half, channels = Extents.Channels;
        long length = Extents.RowLength, start = image * Extents.Height * length;
        float* columns = Extents.PaddedRow(worker);
        TMap map = Map;
        for (int row = first; row < last; row++)
        {
            int top = Math.Max(row - half, 0), bottom = Math.Min(row + half + 1, Extents.Height);
            long window = start + top * length, i = 0;
            for (; i + TLanes.Count <= length; i += TLanes.Count) Terms<TLanes>(ref map, window + i, bottom - top, length).Store(columns + i);
            for (; i < length; i++) Terms<LanesScalar>(ref map, window + i, bottom - top, length).Store(columns + i);
            long at = start + row * length;
            for (i = 0; i + TLanes.Count <= length; i += TLanes.Count) map.Finish(RowWindow.Sum<TLanes>(columns + i, half, channels), at + i);
            for (; i < length; i++) map.Finish(RowWindow.Sum<LanesScalar>(columns + i, half, channels), at + i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TLanes Terms<TLanes>(ref TMap map, long at, int rows, long length)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        TLanes sum = TLanes.Splat(0);
        for (int r = 0; r < rows; r++, at += length) sum += map.Term<TLanes>(at);
        return sum;
    }
}

/// <summary>Sums along a padded row.</summary>
internal static unsafe class RowWindow
{
    /// <summary>Σ of the elements at −half·step … half·step.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Sum<TLanes>(float* at, int half, int step)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        at -= (long)half * step;
        TLanes sum = TLanes.Load(at);
        for (int i = 0; i < 2 * half; i++)
        {
            at += step;
            sum += TLanes.Load(at);
        }
        return sum;
    }
}
