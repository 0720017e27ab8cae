namespace IlgpuSpp.Engine.Cpu;

/// <summary>Local response normalisation within channels: terms are summed down the rows of the window, then along them. An item is a run of rows.</summary>
internal unsafe struct LrnWithinChannel : ILrnRegion
{
    private const int RowsPerItem = 8;

    public int Images, Height, Width, Channels, Size;

    public readonly int Items => Images * ItemsPerImage;

    /// <summary>One map row with half a window of zeros at each end, so that no column is a special case.</summary>
    public readonly long ScratchLength => (RowLength + 2L * (Size / 2) * Channels + 15) / 16 * 16;

    private readonly int ItemsPerImage => (Height + RowsPerItem - 1) / RowsPerItem;

    private readonly long RowLength => (long)Width * Channels;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    readonly void ILrnRegion.Run<TLanes, TMap>(int item, float* scratch, TMap map)
    {
        int image = item / ItemsPerImage, first = item % ItemsPerImage * RowsPerItem;
        int last = Math.Min(first + RowsPerItem, Height), half = Size / 2, channels = Channels;
        long length = RowLength, start = image * Height * length;
        float* columns = scratch + (long)half * channels;
        new Span<float>(scratch, half * channels).Clear();
        new Span<float>(columns + length, half * channels).Clear();
        for (int row = first; row < last; row++)
        {
            int top = Math.Max(row - half, 0), bottom = Math.Min(row + half + 1, Height);
            long window = start + top * length, i = 0;
            for (; i + TLanes.Count <= length; i += TLanes.Count) Terms<TLanes, TMap>(ref map, window + i, bottom - top, length).Store(columns + i);
            for (; i < length; i++) Terms<LanesScalar, TMap>(ref map, window + i, bottom - top, length).Store(columns + i);
            long at = start + row * length;
            for (i = 0; i + TLanes.Count <= length; i += TLanes.Count) map.Finish(RowWindow.Sum<TLanes>(columns + i, half, channels), at + i);
            for (; i < length; i++) map.Finish(RowWindow.Sum<LanesScalar>(columns + i, half, channels), at + i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TLanes Terms<TLanes, TMap>(ref TMap map, long at, int rows, long length)
        where TLanes : unmanaged, ILanes<TLanes>
        where TMap : unmanaged, ILrnMap
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
