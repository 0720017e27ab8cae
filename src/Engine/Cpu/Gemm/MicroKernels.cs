namespace IlgpuSpp.Engine.Cpu;

/// <summary>
/// How a block of A lies in scratch memory. Distances between the rows of a tile are constants of the type, so that a
/// kernel needs a single pointer for A, whatever its number of rows.
/// </summary>
internal interface ITileLayout
{
    /// <summary>Floats from one row of the tile to the next.</summary>
    static abstract int RowStride { get; }

    /// <summary>Floats from one k to the next, given the block's own distance.</summary>
    static abstract nint Step(nint step);
}

/// <summary>Rows one after another: <c>a[row·stride + k]</c>.</summary>
internal readonly struct RowLayout : ITileLayout
{
    // 16 past the deepest segment, so that the rows of a tile do not fall into the same cache set.
    public const int Stride = GemmBlocking.Depth + 16;

    public static int RowStride
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Stride;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static nint Step(nint step) => 1;
}

/// <summary>Columns one after another: <c>a[k·step + row]</c>, the transpose of a row-major matrix taken as it lies.</summary>
internal readonly struct ColumnLayout : ITileLayout
{
    public static int RowStride
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => 1;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static nint Step(nint step) => step;
}

/// <summary>Sums of a number of rows that stay in registers.</summary>
/// <typeparam name="TSelf">The sums.</typeparam>
/// <typeparam name="TVector">One row of them.</typeparam>
internal unsafe interface IRowSums<TSelf, TVector>
    where TSelf : unmanaged, IRowSums<TSelf, TVector>
    where TVector : unmanaged, IVector<TVector>
{
    static abstract int Rows { get; }

    static abstract TSelf Zero { get; }

    /// <summary>sums += a ⊗ p: rows of a from <paramref name="first"/> on, apart by the layout's distance.</summary>
    void Add<TLayout>(float* a, int first, TVector p)
        where TLayout : struct, ITileLayout;

    void Store(float* tile);
}

/// <summary>Sums of six rows; they have names because the compiler keeps arrays in memory.</summary>
internal unsafe struct SixRows<TVector> : IRowSums<SixRows<TVector>, TVector>
    where TVector : unmanaged, IVector<TVector>
{
    private TVector _c0, _c1, _c2, _c3, _c4, _c5;

    public static int Rows => 6;

    public static SixRows<TVector> Zero
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            TVector zero = TVector.Splat(0);
            return new() { _c0 = zero, _c1 = zero, _c2 = zero, _c3 = zero, _c4 = zero, _c5 = zero };
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add<TLayout>(float* a, int first, TVector p)
        where TLayout : struct, ITileLayout
    {
        _c0 = TVector.MultiplyAdd(TVector.Splat(a[first * TLayout.RowStride]), p, _c0);
        _c1 = TVector.MultiplyAdd(TVector.Splat(a[(first + 1) * TLayout.RowStride]), p, _c1);
        _c2 = TVector.MultiplyAdd(TVector.Splat(a[(first + 2) * TLayout.RowStride]), p, _c2);
        _c3 = TVector.MultiplyAdd(TVector.Splat(a[(first + 3) * TLayout.RowStride]), p, _c3);
        _c4 = TVector.MultiplyAdd(TVector.Splat(a[(first + 4) * TLayout.RowStride]), p, _c4);
        _c5 = TVector.MultiplyAdd(TVector.Splat(a[(first + 5) * TLayout.RowStride]), p, _c5);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Store(float* tile)
    {
        _c0.Store(tile);
        _c1.Store(tile + TVector.Count);
        _c2.Store(tile + 2 * TVector.Count);
        _c3.Store(tile + 3 * TVector.Count);
        _c4.Store(tile + 4 * TVector.Count);
        _c5.Store(tile + 5 * TVector.Count);
    }
}

/// <summary>Twice as many rows.</summary>
internal unsafe struct TwiceRows<TRows, TVector> : IRowSums<TwiceRows<TRows, TVector>, TVector>
    where TRows : unmanaged, IRowSums<TRows, TVector>
    where TVector : unmanaged, IVector<TVector>
{
    private TRows _first, _second;

    public static int Rows => 2 * TRows.Rows;

    public static TwiceRows<TRows, TVector> Zero
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => new() { _first = TRows.Zero, _second = TRows.Zero };
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add<TLayout>(float* a, int first, TVector p)
        where TLayout : struct, ITileLayout
    {
        _first.Add<TLayout>(a, first, p);
        _second.Add<TLayout>(a, first + TRows.Rows, p);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Store(float* tile)
    {
        _first.Store(tile);
        _second.Store(tile + TRows.Rows * TVector.Count);
    }
}

/// <summary>Two vectors side by side.</summary>
internal readonly unsafe struct TwoVectors<TLanes>(TLanes low, TLanes high) : IVector<TwoVectors<TLanes>>
    where TLanes : unmanaged, IVector<TLanes>
{
    private readonly TLanes _low = low, _high = high;

    public static int Count => 2 * TLanes.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TwoVectors<TLanes> Load(float* source) => new(TLanes.Load(source), TLanes.Load(source + TLanes.Count));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TwoVectors<TLanes> Splat(float value)
    {
        TLanes both = TLanes.Splat(value);
        return new(both, both);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TwoVectors<TLanes> operator +(TwoVectors<TLanes> a, TwoVectors<TLanes> b) => new(a._low + b._low, a._high + b._high);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TwoVectors<TLanes> MultiplyAdd(TwoVectors<TLanes> a, TwoVectors<TLanes> b, TwoVectors<TLanes> c) =>
        new(TLanes.MultiplyAdd(a._low, b._low, c._low), TLanes.MultiplyAdd(a._high, b._high, c._high));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(float* target)
    {
        _low.Store(target);
        _high.Store(target + TLanes.Count);
    }
}

/// <summary>The innermost loop of a product.</summary>
internal static unsafe class MicroKernel<TRows, TVector, TLayout>
    where TRows : unmanaged, IRowSums<TRows, TVector>
    where TVector : unmanaged, IVector<TVector>
    where TLayout : struct, ITileLayout
{
    /// <summary>tile = Σ over k of (column k of A) ⊗ (row k of the panel).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Multiply(float* a, nint step, float* panel, int depth, float* tile)
    {
        TRows sums = TRows.Zero;
        for (; depth > 0; depth--)
        {
            sums.Add<TLayout>(a, 0, TVector.Load(panel));
            a += TLayout.Step(step);
            panel += TVector.Count;
        }
        sums.Store(tile);
    }
}
