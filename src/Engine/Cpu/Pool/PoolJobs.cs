namespace IlgpuSpp.Engine.Cpu;

/// <summary>The extents of a pooling, shared by its jobs.</summary>
internal struct PoolExtents
{
    public int Height, Width, OutHeight, OutWidth, Channels;
    public PoolGeometry Geometry;

    /// <summary>Rows of the map under an output row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly (int Start, int End) Rows(int outRow) =>
        Clip(outRow * Geometry.StrideHeight - Geometry.PadHeight, Geometry.KernelHeight, Height);

    /// <summary>Columns of the map under an output column.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly (int Start, int End) Columns(int outColumn) =>
        Clip(outColumn * Geometry.StrideWidth - Geometry.PadWidth, Geometry.KernelWidth, Width);

    /// <summary>Output rows whose window holds a row of the map.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly (int Start, int End) OutRows(int row) =>
        Holding(row + Geometry.PadHeight, Geometry.KernelHeight, Geometry.StrideHeight, OutHeight);

    /// <summary>Output columns whose window holds a column of the map.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly (int Start, int End) OutColumns(int column) =>
        Holding(column + Geometry.PadWidth, Geometry.KernelWidth, Geometry.StrideWidth, OutWidth);

    /// <summary>What an average over the window at an output place divides by.</summary>
    public readonly float Divisor(int outRow, int outColumn, AveragePoolDivisor divisor)
    {
        if (divisor == AveragePoolDivisor.Valid)
        {
            var (top, bottom) = Rows(outRow);
            var (left, right) = Columns(outColumn);
            return (bottom - top) * (right - left);
        }
        // Caffe clips the window to the padded map.
        int y = outRow * Geometry.StrideHeight - Geometry.PadHeight, x = outColumn * Geometry.StrideWidth - Geometry.PadWidth;
        return (Math.Min(y + Geometry.KernelHeight, Height + Geometry.PadBottom) - y) *
            (float)(Math.Min(x + Geometry.KernelWidth, Width + Geometry.PadRight) - x);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (int Start, int End) Clip(int start, int length, int extent) =>
        (Math.Max(start, 0), Math.Min(start + length, extent));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (int Start, int End) Holding(int padded, int kernel, int stride, int windows)
    {
        int start = padded < kernel ? 0 : (padded - kernel) / stride + 1;
        return (start, Math.Min(padded / stride + 1, windows));
    }
}

/// <summary>What a pooling makes of a window of the map.</summary>
internal unsafe interface IPoolMap
{
    /// <summary>What results are multiplied by.</summary>
    float Factor(in PoolExtents extents, int outRow, int outColumn);

    /// <summary>Computes and stores one vector of channels of a window's result, its place <c>at</c>; <c>map</c> is the image at these channels.</summary>
    void Element<TLanes>(in PoolExtents extents, float* map, int top, int bottom, int left, int right, float factor, long at)
        where TLanes : unmanaged, ILanes<TLanes>;
}

/// <summary>Pooling; an item is one output row of one image, lanes are channels.</summary>
internal unsafe struct PoolForwardJob<TMap> : IVectorJob
    where TMap : unmanaged, IPoolMap
{
    public float* X;
    public PoolExtents Extents;
    public TMap Map;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    readonly void IVectorJob.Run<TLanes>(int item, int worker)
    {
        int image = item / Extents.OutHeight, outRow = item % Extents.OutHeight, channels = Extents.Channels;
        float* map = X + (long)image * Extents.Height * Extents.Width * channels;
        long at = (long)item * Extents.OutWidth * channels;
        var (top, bottom) = Extents.Rows(outRow);
        TMap pool = Map;
        for (int outColumn = 0; outColumn < Extents.OutWidth; outColumn++, at += channels)
        {
            var (left, right) = Extents.Columns(outColumn);
            float factor = pool.Factor(Extents, outRow, outColumn);
            int c = 0;
            for (; c + TLanes.Count <= channels; c += TLanes.Count)
                pool.Element<TLanes>(Extents, map + c, top, bottom, left, right, factor, at + c);
            for (; c < channels; c++)
                pool.Element<LanesScalar>(Extents, map + c, top, bottom, left, right, factor, at + c);
        }
    }
}

/// <summary>Max pooling.</summary>
internal unsafe struct MaxPoolMap : IPoolMap
{
    public float* Y;

    public readonly float Factor(in PoolExtents extents, int outRow, int outColumn) => 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    readonly void IPoolMap.Element<TLanes>(in PoolExtents extents, float* map, int top, int bottom, int left, int right, float factor, long at) =>
        WindowMax.Values<TLanes>(map, extents.Width, extents.Channels, top, bottom, left, right).Store(Y + at);
}

/// <summary>Max pooling that also tells the places of the maxima.</summary>
internal unsafe struct MaxPlacePoolMap : IPoolMap
{
    public float* Y;
    public int* Argmax;

    public readonly float Factor(in PoolExtents extents, int outRow, int outColumn) => 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    readonly void IPoolMap.Element<TLanes>(in PoolExtents extents, float* map, int top, int bottom, int left, int right, float factor, long at)
    {
        TLanes best = WindowMax.Places(map, extents.Width, extents.Channels, top, bottom, left, right, out TLanes place);
        best.Store(Y + at);
        place.Store((float*)Argmax + at);
    }
}

/// <summary>
/// Gradient of max pooling; an item is one row of one image's map. Every element gathers from the windows that hold it,
/// in row-major order of the windows: nothing is scattered, so rows are independent.
/// </summary>
internal unsafe struct MaxPoolBackwardJob : IVectorJob
{
    public float* Dy, Dx;
    public int* Argmax;
    public PoolExtents Extents;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    readonly void IVectorJob.Run<TLanes>(int item, int worker)
    {
        int image = item / Extents.Height, row = item % Extents.Height, channels = Extents.Channels;
        long outputs = (long)image * Extents.OutHeight * Extents.OutWidth * channels;
        float* target = Dx + (long)item * Extents.Width * channels;
        var (top, bottom) = Extents.OutRows(row);
        for (int column = 0; column < Extents.Width; column++, target += channels)
        {
            var (left, right) = Extents.OutColumns(column);
            int place = row * Extents.Width + column, c = 0;
            for (; c + TLanes.Count <= channels; c += TLanes.Count)
                Gather<TLanes>(outputs + c, top, bottom, left, right, place).Store(target + c);
            for (; c < channels; c++)
                Gather<LanesScalar>(outputs + c, top, bottom, left, right, place).Store(target + c);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly TLanes Gather<TLanes>(long at, int top, int bottom, int left, int right, int place)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        TLanes sum = TLanes.Splat(0), mine = TLanes.SplatBits(place);
        for (int y = top; y < bottom; y++)
        {
            long line = at + ((long)y * Extents.OutWidth + left) * Extents.Channels;
            for (int x = left; x < right; x++, line += Extents.Channels)
            {
                TLanes won = TLanes.EqualBits(TLanes.Load((float*)Argmax + line), mine);
                sum += TLanes.Load(Dy + line) & won;
            }
        }
        return sum;
    }
}

/// <summary>Average pooling.</summary>
internal unsafe struct AveragePoolMap : IPoolMap
{
    public float* Y;
    public AveragePoolDivisor Divisor;

    public readonly float Factor(in PoolExtents extents, int outRow, int outColumn) => 1 / extents.Divisor(outRow, outColumn, Divisor);

    // Rows are summed apart first, which keeps the error of a global average small.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    readonly void IPoolMap.Element<TLanes>(in PoolExtents extents, float* map, int top, int bottom, int left, int right, float factor, long at)
    {
        TLanes sum = TLanes.Splat(0);
        for (int y = top; y < bottom; y++)
        {
            float* line = map + ((long)y * extents.Width + left) * extents.Channels;
            TLanes row = TLanes.Splat(0);
            for (int x = left; x < right; x++, line += extents.Channels) row += TLanes.Load(line);
            sum += row;
        }
        (sum * TLanes.Splat(factor)).Store(Y + at);
    }
}

/// <summary>Gradient of average pooling; an item is one row of one image's map.</summary>
internal unsafe struct AveragePoolBackwardJob : IVectorJob
{
    public float* Dy, Dx;
    public PoolExtents Extents;
    public AveragePoolDivisor Divisor;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    readonly void IVectorJob.Run<TLanes>(int item, int worker)
    {
        int image = item / Extents.Height, row = item % Extents.Height, channels = Extents.Channels;
        float* outputs = Dy + (long)image * Extents.OutHeight * Extents.OutWidth * channels;
        float* target = Dx + (long)item * Extents.Width * channels;
        var (top, bottom) = Extents.OutRows(row);
        for (int column = 0; column < Extents.Width; column++, target += channels)
        {
            var (left, right) = Extents.OutColumns(column);
            new Span<float>(target, channels).Clear();
            for (int y = top; y < bottom; y++)
                for (int x = left; x < right; x++)
                {
                    float factor = 1 / Extents.Divisor(y, x, Divisor);
                    float* source = outputs + ((long)y * Extents.OutWidth + x) * channels;
                    int c = 0;
                    for (; c + TLanes.Count <= channels; c += TLanes.Count)
                        (TLanes.Load(target + c) + TLanes.Load(source + c) * TLanes.Splat(factor)).Store(target + c);
                    for (; c < channels; c++) target[c] += source[c] * factor;
                }
        }
    }
}
