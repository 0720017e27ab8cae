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

/// <summary>What is done to every element of rows whose columns have values of their own: channels.</summary>
internal interface IRowMap
{
    /// <summary>Computes and stores the elements of one vector.</summary>
    /// <param name="at">The row's first element.</param>
    /// <param name="c">The vector's first column.</param>
    void Element<TLanes>(long at, int c)
        where TLanes : unmanaged, ILanes<TLanes>;
}

/// <summary>A map over one chunk of rows.</summary>
internal struct RowMapJob<TMap> : IVectorJob
    where TMap : unmanaged, IRowMap
{
    public RowChunks Chunks;
    public TMap Map;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Run<TLanes>(int item, int worker)
        where TLanes : unmanaged, ILanes<TLanes>
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

/// <summary>y = f(x) over one chunk of the elements.</summary>
internal unsafe struct UnaryJob<TMap> : IVectorJob
    where TMap : unmanaged, IUnaryMap
{
    public float* X, Y;
    public long Count;
    public TMap Map;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Run<TLanes>(int item, int worker)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        var (i, end) = ElementChunks.Range(item, Count);
        TMap map = Map;
        float* x = X, y = Y;
        for (; i + 2 * TLanes.Count <= end; i += 2 * TLanes.Count)
        {
            TLanes first = map.Apply(TLanes.Load(x + i)), second = map.Apply(TLanes.Load(x + i + TLanes.Count));
            first.Store(y + i);
            second.Store(y + i + TLanes.Count);
        }
        for (; i < end; i++) map.Apply(LanesScalar.Load(x + i)).Store(y + i);
    }
}

/// <summary>y = f(a, b) over one chunk of the elements.</summary>
internal unsafe struct BinaryJob<TMap> : IVectorJob
    where TMap : unmanaged, IBinaryMap
{
    public float* A, B, Y;
    public long Count;
    public TMap Map;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Run<TLanes>(int item, int worker)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        var (i, end) = ElementChunks.Range(item, Count);
        TMap map = Map;
        float* a = A, b = B, y = Y;
        for (; i + 2 * TLanes.Count <= end; i += 2 * TLanes.Count)
        {
            TLanes first = map.Apply(TLanes.Load(a + i), TLanes.Load(b + i));
            TLanes second = map.Apply(TLanes.Load(a + i + TLanes.Count), TLanes.Load(b + i + TLanes.Count));
            first.Store(y + i);
            second.Store(y + i + TLanes.Count);
        }
        for (; i < end; i++) map.Apply(LanesScalar.Load(a + i), LanesScalar.Load(b + i)).Store(y + i);
    }
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
    public TLanes Apply<TLanes>(TLanes a, TLanes b)
        where TLanes : unmanaged, ILanes<TLanes> => a + b;
}

internal readonly struct MultiplyMap : IBinaryMap
{
    public TLanes Apply<TLanes>(TLanes a, TLanes b)
        where TLanes : unmanaged, ILanes<TLanes> => a * b;
}

internal readonly struct ScaleMap(float scale) : IUnaryMap
{
    private readonly float _scale = scale;

    public TLanes Apply<TLanes>(TLanes x)
        where TLanes : unmanaged, ILanes<TLanes> => x * TLanes.Splat(_scale);
}

/// <summary>b + scale·a.</summary>
internal readonly struct AccumulateMap(float scale) : IBinaryMap
{
    private readonly float _scale = scale;

    public TLanes Apply<TLanes>(TLanes a, TLanes b)
        where TLanes : unmanaged, ILanes<TLanes> => b + a * TLanes.Splat(_scale);
}

/// <summary>decay·a + (1 − decay)·b.</summary>
internal readonly struct AverageMap(float decay) : IBinaryMap
{
    private readonly float _decay = decay, _rest = 1 - decay;

    public TLanes Apply<TLanes>(TLanes a, TLanes b)
        where TLanes : unmanaged, ILanes<TLanes> => a * TLanes.Splat(_decay) + b * TLanes.Splat(_rest);
}

/// <summary>max(0, x); NaN stays NaN, so that a diverged run is seen.</summary>
internal readonly struct ReluMap : IUnaryMap
{
    public TLanes Apply<TLanes>(TLanes x)
        where TLanes : unmanaged, ILanes<TLanes> => TLanes.AndNot(x, TLanes.LessOrEqual(x, TLanes.Splat(0)));
}

internal readonly struct LeakyReluMap(float slope) : IUnaryMap
{
    private readonly float _slope = slope;

    public TLanes Apply<TLanes>(TLanes x)
        where TLanes : unmanaged, ILanes<TLanes> =>
        TLanes.Select(TLanes.Less(TLanes.Splat(0), x), x, x * TLanes.Splat(_slope));
}

internal readonly struct SigmoidMap : IUnaryMap
{
    public TLanes Apply<TLanes>(TLanes x)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        TLanes one = TLanes.Splat(1);
        return one / (one + VectorMath.Exp(TLanes.Splat(0) - x));
    }
}

/// <summary>slope·x + offset between 0 and a limit; NaN stays NaN.</summary>
internal readonly struct ClampMap(float slope, float offset, float limit) : IUnaryMap
{
    private readonly float _slope = slope, _offset = offset, _limit = limit;

    public TLanes Apply<TLanes>(TLanes x)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        TLanes y = x * TLanes.Splat(_slope) + TLanes.Splat(_offset), limit = TLanes.Splat(_limit);
        return TLanes.Select(TLanes.Less(limit, y), limit, TLanes.AndNot(y, TLanes.LessOrEqual(y, TLanes.Splat(0))));
    }
}

/// <summary>slope·b where the output a lies between 0 and a limit, 0 elsewhere.</summary>
internal readonly struct ClampGradientMap(float slope, float limit) : IBinaryMap
{
    private readonly float _slope = slope, _limit = limit;

    public TLanes Apply<TLanes>(TLanes a, TLanes b)
        where TLanes : unmanaged, ILanes<TLanes> =>
        b * TLanes.Splat(_slope) & TLanes.Less(TLanes.Splat(0), a) & TLanes.Less(a, TLanes.Splat(_limit));
}

/// <summary>b where the output a is positive, 0 elsewhere.</summary>
internal readonly struct ReluGradientMap : IBinaryMap
{
    public TLanes Apply<TLanes>(TLanes a, TLanes b)
        where TLanes : unmanaged, ILanes<TLanes> => b & TLanes.Less(TLanes.Splat(0), a);
}

internal readonly struct LeakyReluGradientMap(float slope) : IBinaryMap
{
    private readonly float _slope = slope;

    public TLanes Apply<TLanes>(TLanes a, TLanes b)
        where TLanes : unmanaged, ILanes<TLanes> =>
        TLanes.Select(TLanes.Less(TLanes.Splat(0), a), b, b * TLanes.Splat(_slope));
}

internal readonly struct SigmoidGradientMap : IBinaryMap
{
    public TLanes Apply<TLanes>(TLanes a, TLanes b)
        where TLanes : unmanaged, ILanes<TLanes> => b * (a * (TLanes.Splat(1) - a));
}
