using System.Runtime.CompilerServices;

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
