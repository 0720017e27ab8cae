namespace IlgpuSpp.Engine.Cpu;

/// <summary>A function of one element.</summary>
internal interface IUnaryMap
{
    TLanes Apply<TLanes>(TLanes x)
        where TLanes : unmanaged, ILanes<TLanes>;
}

/// <summary>A function of two elements.</summary>
internal interface IBinaryMap
{
    TLanes Apply<TLanes>(TLanes a, TLanes b)
        where TLanes : unmanaged, ILanes<TLanes>;
}

/// <summary>What is done to every element of tensors.</summary>
internal interface IElementMap
{
    /// <summary>Computes and stores the elements of one vector.</summary>
    /// <param name="at">First element of the row, where columns have values of their own: channels. Otherwise that of the vector.</param>
    /// <param name="c">The vector's first column, or 0.</param>
    void Element<TLanes>(long at, int c)
        where TLanes : unmanaged, ILanes<TLanes>;
}

/// <summary>A map over one chunk of rows.</summary>
internal struct RowMapJob<TMap> : IVectorJob
    where TMap : unmanaged, IElementMap
{
    public RowChunks Chunks;
    public TMap Map;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    readonly void IVectorJob.Run<TLanes>(int item, int worker)
    {
        var (start, end) = Chunks.Range(item);
        TMap map = Map;
        int channels = Chunks.Columns;
        for (long row = start; row < end; row++)
        {
            long at = row * channels;
            int c = 0;
            for (; c + TLanes.Count <= channels; c += TLanes.Count) map.Element<TLanes>(at, c);
            for (; c < channels; c++) map.Element<LanesScalar>(at, c);
        }
    }
}

/// <summary>A map over one chunk of the elements.</summary>
internal struct ElementJob<TMap> : IVectorJob
    where TMap : unmanaged, IElementMap
{
    public long Count;
    public TMap Map;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    readonly void IVectorJob.Run<TLanes>(int item, int worker)
    {
        var (i, end) = ElementChunks.Range(item, Count);
        TMap map = Map;
        for (; i + 2 * TLanes.Count <= end; i += 2 * TLanes.Count)
        {
            map.Element<TLanes>(i, 0);
            map.Element<TLanes>(i + TLanes.Count, 0);
        }
        for (; i < end; i++) map.Element<LanesScalar>(i, 0);
    }
}

/// <summary>y = f(x).</summary>
internal unsafe struct UnaryMap<TMap> : IElementMap
    where TMap : unmanaged, IUnaryMap
{
    public float* X, Y;
    public TMap Map;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    readonly void IElementMap.Element<TLanes>(long at, int c) => Map.Apply(TLanes.Load(X + at)).Store(Y + at);
}

/// <summary>y = f(a, b).</summary>
internal unsafe struct BinaryMap<TMap> : IElementMap
    where TMap : unmanaged, IBinaryMap
{
    public float* A, B, Y;
    public TMap Map;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    readonly void IElementMap.Element<TLanes>(long at, int c) => Map.Apply(TLanes.Load(A + at), TLanes.Load(B + at)).Store(Y + at);
}

/// <summary>How the elements of a tensor are cut into items: the same at every number of threads.</summary>
internal static class ElementChunks
{
    /// <summary>Elements of one item: 128 kB, which stays in the second-level cache.</summary>
    public const int Length = 32768;

    /// <summary>Number of items for a number of elements.</summary>
    public static int Items(long count) => checked((int)((count + Length - 1) / Length));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (long Start, long End) Range(int item, long count)
    {
        long start = (long)item * Length;
        return (start, Math.Min(start + Length, count));
    }
}

internal readonly struct AddMap : IBinaryMap
{
    TLanes IBinaryMap.Apply<TLanes>(TLanes a, TLanes b) => a + b;
}

internal readonly struct MultiplyMap : IBinaryMap
{
    TLanes IBinaryMap.Apply<TLanes>(TLanes a, TLanes b) => a * b;
}

internal readonly struct ScaleMap(float scale) : IUnaryMap
{
    TLanes IUnaryMap.Apply<TLanes>(TLanes x) => x * TLanes.Splat(scale);
}

/// <summary>b + scale·a.</summary>
internal readonly struct AccumulateMap(float scale) : IBinaryMap
{
    TLanes IBinaryMap.Apply<TLanes>(TLanes a, TLanes b) => b + a * TLanes.Splat(scale);
}

/// <summary>max(0, x); NaN stays NaN, so that a diverged run is seen.</summary>
internal readonly struct ReluMap : IUnaryMap
{
    TLanes IUnaryMap.Apply<TLanes>(TLanes x) => TLanes.AndNot(x, TLanes.LessOrEqual(x, TLanes.Splat(0)));
}

internal readonly struct LeakyReluMap(float slope) : IUnaryMap
{
    TLanes IUnaryMap.Apply<TLanes>(TLanes x) =>
        TLanes.Select(TLanes.Less(TLanes.Splat(0), x), x, x * TLanes.Splat(slope));
}

internal readonly struct SigmoidMap : IUnaryMap
{
    TLanes IUnaryMap.Apply<TLanes>(TLanes x)
    {
        TLanes one = TLanes.Splat(1);
        return one / (one + VectorMath.Exp(TLanes.Splat(0) - x));
    }
}

/// <summary>slope·x + offset between 0 and a limit; NaN stays NaN.</summary>
internal readonly struct ClampMap(float slope, float offset, float limit) : IUnaryMap
{
    TLanes IUnaryMap.Apply<TLanes>(TLanes x)
    {
        TLanes y = x * TLanes.Splat(slope) + TLanes.Splat(offset), most = TLanes.Splat(limit);
        return TLanes.Select(TLanes.Less(most, y), most, TLanes.AndNot(y, TLanes.LessOrEqual(y, TLanes.Splat(0))));
    }
}

/// <summary>slope·b where the output a lies between 0 and a limit, 0 elsewhere.</summary>
internal readonly struct ClampGradientMap(float slope, float limit) : IBinaryMap
{
    TLanes IBinaryMap.Apply<TLanes>(TLanes a, TLanes b) =>
        b * TLanes.Splat(slope) & TLanes.Less(TLanes.Splat(0), a) & TLanes.Less(a, TLanes.Splat(limit));
}

/// <summary>b where the output a is positive, 0 elsewhere.</summary>
internal readonly struct ReluGradientMap : IBinaryMap
{
    TLanes IBinaryMap.Apply<TLanes>(TLanes a, TLanes b) => b & TLanes.Less(TLanes.Splat(0), a);
}

internal readonly struct LeakyReluGradientMap(float slope) : IBinaryMap
{
    TLanes IBinaryMap.Apply<TLanes>(TLanes a, TLanes b) =>
        TLanes.Select(TLanes.Less(TLanes.Splat(0), a), b, b * TLanes.Splat(slope));
}

internal readonly struct SigmoidGradientMap : IBinaryMap
{
    TLanes IBinaryMap.Apply<TLanes>(TLanes a, TLanes b) => b * (a * (TLanes.Splat(1) - a));
}
