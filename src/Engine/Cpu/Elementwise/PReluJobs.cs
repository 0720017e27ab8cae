using System.Runtime.CompilerServices;

namespace IlgpuSpp.Engine.Cpu;

/// <summary>y = x where x is positive, slope·x elsewhere.</summary>
internal unsafe struct PReluForwardMap : IRowMap
{
    public float* X, Slope, Y;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Element<TLanes>(long at, int c)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        TLanes value = TLanes.Load(X + at + c);
        TLanes.Select(TLanes.Less(TLanes.Splat(0), value), value, TLanes.Load(Slope + c) * value).Store(Y + at + c);
    }
}

/// <summary>Gradients of a parametric rectifier over one chunk of rows: of the slopes as a partial sum, then of the input.</summary>
internal unsafe struct PReluBackwardJob : IVectorJob
{
    public float* X, Slope, Dy;

    /// <summary>Null where the gradient is not asked for; may be <see cref="Dy"/>.</summary>
    public float* Dx;

    /// <summary>One row of sums a chunk; null where the gradient is not asked for.</summary>
    public float* Partial;

    public RowChunks Chunks;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Run<TLanes>(int item, int worker)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        var (start, end) = Chunks.Range(item);
        int c = 0;
        for (; c + TLanes.Count <= Chunks.Columns; c += TLanes.Count) Column<TLanes>(item, start, end, c);
        for (; c < Chunks.Columns; c++) Column<LanesScalar>(item, start, end, c);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly void Column<TLanes>(int item, long start, long end, int c)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        int channels = Chunks.Columns;
        TLanes slope = TLanes.Load(Slope + c), zero = TLanes.Splat(0), sum = zero;
        for (long row = start; row < end; row++)
        {
            long at = row * channels + c;
            TLanes x = TLanes.Load(X + at), dy = TLanes.Load(Dy + at), positive = TLanes.Less(zero, x);
            sum += TLanes.AndNot(x * dy, positive);
            if (Dx is not null) TLanes.Select(positive, dy, slope * dy).Store(Dx + at);
        }
        if (Partial is not null) sum.Store(Partial + (long)item * channels + c);
    }
}
