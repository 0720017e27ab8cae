namespace IlgpuSpp.Engine.Cpu;

/// <summary>y = x where x is positive, slope·x elsewhere.</summary>
internal unsafe struct PReluForwardMap : IElementMap
{
    public float* X, Slope, Y;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    readonly void IElementMap.Element<TLanes>(long at, int c)
    {
        TLanes value = TLanes.Load(X + at + c);
        TLanes.Select(TLanes.Less(TLanes.Splat(0), value), value, TLanes.Load(Slope + c) * value).Store(Y + at + c);
    }
}

/// <summary>Gradients of a parametric rectifier over one chunk of rows: of the slopes as a partial sum, then of the input.</summary>
internal unsafe struct PReluBackwardMap : IColumnMap
{
    public float* X, Slope, Dy;

    /// <summary>Null where the gradient is not asked for; may be <see cref="Dy"/>.</summary>
    public float* Dx;

    /// <summary>One row of sums a chunk; null where the gradient is not asked for.</summary>
    public float* Partial;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    readonly void IColumnMap.Column<TLanes>(RowChunk chunk, int c)
    {
        int channels = chunk.Columns;
        TLanes slope = TLanes.Load(Slope + c), zero = TLanes.Splat(0), sum = zero;
        for (long row = chunk.Start; row < chunk.End; row++)
        {
            long at = row * channels + c;
            TLanes x = TLanes.Load(X + at), dy = TLanes.Load(Dy + at), positive = TLanes.Less(zero, x);
            sum += TLanes.AndNot(x * dy, positive);
            if (Dx is not null) TLanes.Select(positive, dy, slope * dy).Store(Dx + at);
        }
        if (Partial is not null) sum.Store(Partial + (long)chunk.Index * channels + c);
    }
}
