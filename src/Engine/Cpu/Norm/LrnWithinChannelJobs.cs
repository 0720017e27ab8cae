using System.Runtime.CompilerServices;

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

/// <summary>LRN within channels: squares are summed down the rows of the window, then along them. An item is a run of rows.</summary>
internal unsafe struct LrnWithinForwardJob : IVectorJob
{
    public float* X, Y, S;
    public float Factor, Beta, K;
    public LrnMapExtents Extents;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Run<TLanes>(int item, int worker)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        int image = item / Extents.ItemsPerImage, first = item % Extents.ItemsPerImage * Extents.RowsPerItem;
        int last = Math.Min(first + Extents.RowsPerItem, Extents.Height);
        long length = Extents.RowLength, map = image * Extents.Height * length;
        float* columns = Extents.PaddedRow(worker);
        for (int row = first; row < last; row++)
        {
            int top = Math.Max(row - Extents.Half, 0), bottom = Math.Min(row + Extents.Half + 1, Extents.Height);
            float* window = X + map + top * length;
            long i = 0;
            for (; i + TLanes.Count <= length; i += TLanes.Count) Squares<TLanes>(window + i, bottom - top).Store(columns + i);
            for (; i < length; i++) Squares<LanesScalar>(window + i, bottom - top).Store(columns + i);
            long at = map + row * length;
            for (i = 0; i + TLanes.Count <= length; i += TLanes.Count) Finish<TLanes>(columns + i, at + i);
            for (; i < length; i++) Finish<LanesScalar>(columns + i, at + i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly TLanes Squares<TLanes>(float* x, int rows)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        TLanes sum = TLanes.Splat(0);
        for (int r = 0; r < rows; r++, x += Extents.RowLength)
        {
            TLanes value = TLanes.Load(x);
            sum += value * value;
        }
        return sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly void Finish<TLanes>(float* columns, long at)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        TLanes s = TLanes.Splat(K) + TLanes.Splat(Factor) * RowWindow.Sum<TLanes>(columns, Extents.Half, Extents.Channels);
        if (S is not null) s.Store(S + at);
        (TLanes.Load(X + at) * VectorMath.NegativePower(s, Beta)).Store(Y + at);
    }
}

/// <summary>Gradient of LRN within channels. An item is a run of rows.</summary>
internal unsafe struct LrnWithinBackwardJob : IVectorJob
{
    public float* X, Y, S, Dy, Dx;
    public float Coefficient, Beta;
    public LrnMapExtents Extents;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Run<TLanes>(int item, int worker)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        int image = item / Extents.ItemsPerImage, first = item % Extents.ItemsPerImage * Extents.RowsPerItem;
        int last = Math.Min(first + Extents.RowsPerItem, Extents.Height);
        long length = Extents.RowLength, map = image * Extents.Height * length;
        float* columns = Extents.PaddedRow(worker);
        for (int row = first; row < last; row++)
        {
            int top = Math.Max(row - Extents.Half, 0), bottom = Math.Min(row + Extents.Half + 1, Extents.Height);
            long window = map + top * length, i = 0;
            for (; i + TLanes.Count <= length; i += TLanes.Count) Ratios<TLanes>(window + i, bottom - top).Store(columns + i);
            for (; i < length; i++) Ratios<LanesScalar>(window + i, bottom - top).Store(columns + i);
            long at = map + row * length;
            for (i = 0; i + TLanes.Count <= length; i += TLanes.Count) Finish<TLanes>(columns + i, at + i);
            for (; i < length; i++) Finish<LanesScalar>(columns + i, at + i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly TLanes Ratios<TLanes>(long at, int rows)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        TLanes sum = TLanes.Splat(0);
        for (int r = 0; r < rows; r++, at += Extents.RowLength)
            sum += TLanes.Load(Dy + at) * TLanes.Load(Y + at) / TLanes.Load(S + at);
        return sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly void Finish<TLanes>(float* columns, long at)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        TLanes sum = RowWindow.Sum<TLanes>(columns, Extents.Half, Extents.Channels);
        TLanes direct = TLanes.Load(Dy + at) * VectorMath.NegativePower(TLanes.Load(S + at), Beta);
        (direct - TLanes.Splat(Coefficient) * TLanes.Load(X + at) * sum).Store(Dx + at);
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
