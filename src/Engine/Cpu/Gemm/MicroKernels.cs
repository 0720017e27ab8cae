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

/// <summary>
/// 6 rows by 2 vectors: 12 sums stay in registers. The sums have names because the compiler keeps arrays in memory.
/// </summary>
internal static unsafe class MicroKernel6x2<TLanes, TLayout>
    where TLanes : unmanaged, ILanes<TLanes>
    where TLayout : struct, ITileLayout
{
    /// <summary>tile = Σ over k of (column k of A) ⊗ (row k of the panel).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Multiply(float* a, nint step, float* panel, int depth, float* tile)
    {
        TLanes c0a = TLanes.Splat(0), c0b = TLanes.Splat(0);
        TLanes c1a = TLanes.Splat(0), c1b = TLanes.Splat(0);
        TLanes c2a = TLanes.Splat(0), c2b = TLanes.Splat(0);
        TLanes c3a = TLanes.Splat(0), c3b = TLanes.Splat(0);
        TLanes c4a = TLanes.Splat(0), c4b = TLanes.Splat(0);
        TLanes c5a = TLanes.Splat(0), c5b = TLanes.Splat(0);
        for (; depth > 0; depth--)
        {
            TLanes p = TLanes.Load(panel), q = TLanes.Load(panel + TLanes.Count);
            TLanes x = TLanes.Splat(a[0]);
            c0a = TLanes.MultiplyAdd(x, p, c0a);
            c0b = TLanes.MultiplyAdd(x, q, c0b);
            x = TLanes.Splat(a[TLayout.RowStride]);
            c1a = TLanes.MultiplyAdd(x, p, c1a);
            c1b = TLanes.MultiplyAdd(x, q, c1b);
            x = TLanes.Splat(a[2 * TLayout.RowStride]);
            c2a = TLanes.MultiplyAdd(x, p, c2a);
            c2b = TLanes.MultiplyAdd(x, q, c2b);
            x = TLanes.Splat(a[3 * TLayout.RowStride]);
            c3a = TLanes.MultiplyAdd(x, p, c3a);
            c3b = TLanes.MultiplyAdd(x, q, c3b);
            x = TLanes.Splat(a[4 * TLayout.RowStride]);
            c4a = TLanes.MultiplyAdd(x, p, c4a);
            c4b = TLanes.MultiplyAdd(x, q, c4b);
            x = TLanes.Splat(a[5 * TLayout.RowStride]);
            c5a = TLanes.MultiplyAdd(x, p, c5a);
            c5b = TLanes.MultiplyAdd(x, q, c5b);
            a += TLayout.Step(step);
            panel += 2 * TLanes.Count;
        }
        c0a.Store(tile);
        c0b.Store(tile + TLanes.Count);
        c1a.Store(tile + 2 * TLanes.Count);
        c1b.Store(tile + 3 * TLanes.Count);
        c2a.Store(tile + 4 * TLanes.Count);
        c2b.Store(tile + 5 * TLanes.Count);
        c3a.Store(tile + 6 * TLanes.Count);
        c3b.Store(tile + 7 * TLanes.Count);
        c4a.Store(tile + 8 * TLanes.Count);
        c4b.Store(tile + 9 * TLanes.Count);
        c5a.Store(tile + 10 * TLanes.Count);
        c5b.Store(tile + 11 * TLanes.Count);
    }
}

/// <summary>
/// 12 rows by 1 vector: 12 sums stay in registers. The sums have names because the compiler keeps arrays in memory.
/// </summary>
internal static unsafe class MicroKernel12x1<TLanes, TLayout>
    where TLanes : unmanaged, ILanes<TLanes>
    where TLayout : struct, ITileLayout
{
    /// <summary>tile = Σ over k of (column k of A) ⊗ (row k of the panel).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Multiply(float* a, nint step, float* panel, int depth, float* tile)
    {
        TLanes c0 = TLanes.Splat(0);
        TLanes c1 = TLanes.Splat(0);
        TLanes c2 = TLanes.Splat(0);
        TLanes c3 = TLanes.Splat(0);
        TLanes c4 = TLanes.Splat(0);
        TLanes c5 = TLanes.Splat(0);
        TLanes c6 = TLanes.Splat(0);
        TLanes c7 = TLanes.Splat(0);
        TLanes c8 = TLanes.Splat(0);
        TLanes c9 = TLanes.Splat(0);
        TLanes c10 = TLanes.Splat(0);
        TLanes c11 = TLanes.Splat(0);
        for (; depth > 0; depth--)
        {
            TLanes p = TLanes.Load(panel);
            c0 = TLanes.MultiplyAdd(TLanes.Splat(a[0]), p, c0);
            c1 = TLanes.MultiplyAdd(TLanes.Splat(a[TLayout.RowStride]), p, c1);
            c2 = TLanes.MultiplyAdd(TLanes.Splat(a[2 * TLayout.RowStride]), p, c2);
            c3 = TLanes.MultiplyAdd(TLanes.Splat(a[3 * TLayout.RowStride]), p, c3);
            c4 = TLanes.MultiplyAdd(TLanes.Splat(a[4 * TLayout.RowStride]), p, c4);
            c5 = TLanes.MultiplyAdd(TLanes.Splat(a[5 * TLayout.RowStride]), p, c5);
            c6 = TLanes.MultiplyAdd(TLanes.Splat(a[6 * TLayout.RowStride]), p, c6);
            c7 = TLanes.MultiplyAdd(TLanes.Splat(a[7 * TLayout.RowStride]), p, c7);
            c8 = TLanes.MultiplyAdd(TLanes.Splat(a[8 * TLayout.RowStride]), p, c8);
            c9 = TLanes.MultiplyAdd(TLanes.Splat(a[9 * TLayout.RowStride]), p, c9);
            c10 = TLanes.MultiplyAdd(TLanes.Splat(a[10 * TLayout.RowStride]), p, c10);
            c11 = TLanes.MultiplyAdd(TLanes.Splat(a[11 * TLayout.RowStride]), p, c11);
            a += TLayout.Step(step);
            panel += TLanes.Count;
        }
        c0.Store(tile);
        c1.Store(tile + TLanes.Count);
        c2.Store(tile + 2 * TLanes.Count);
        c3.Store(tile + 3 * TLanes.Count);
        c4.Store(tile + 4 * TLanes.Count);
        c5.Store(tile + 5 * TLanes.Count);
        c6.Store(tile + 6 * TLanes.Count);
        c7.Store(tile + 7 * TLanes.Count);
        c8.Store(tile + 8 * TLanes.Count);
        c9.Store(tile + 9 * TLanes.Count);
        c10.Store(tile + 10 * TLanes.Count);
        c11.Store(tile + 11 * TLanes.Count);
    }
}

/// <summary>
/// 12 rows by 2 vectors: 24 sums stay in registers. The sums have names because the compiler keeps arrays in memory.
/// </summary>
internal static unsafe class MicroKernel12x2<TLanes, TLayout>
    where TLanes : unmanaged, ILanes<TLanes>
    where TLayout : struct, ITileLayout
{
    /// <summary>tile = Σ over k of (column k of A) ⊗ (row k of the panel).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Multiply(float* a, nint step, float* panel, int depth, float* tile)
    {
        TLanes c0a = TLanes.Splat(0), c0b = TLanes.Splat(0);
        TLanes c1a = TLanes.Splat(0), c1b = TLanes.Splat(0);
        TLanes c2a = TLanes.Splat(0), c2b = TLanes.Splat(0);
        TLanes c3a = TLanes.Splat(0), c3b = TLanes.Splat(0);
        TLanes c4a = TLanes.Splat(0), c4b = TLanes.Splat(0);
        TLanes c5a = TLanes.Splat(0), c5b = TLanes.Splat(0);
        TLanes c6a = TLanes.Splat(0), c6b = TLanes.Splat(0);
        TLanes c7a = TLanes.Splat(0), c7b = TLanes.Splat(0);
        TLanes c8a = TLanes.Splat(0), c8b = TLanes.Splat(0);
        TLanes c9a = TLanes.Splat(0), c9b = TLanes.Splat(0);
        TLanes c10a = TLanes.Splat(0), c10b = TLanes.Splat(0);
        TLanes c11a = TLanes.Splat(0), c11b = TLanes.Splat(0);
        for (; depth > 0; depth--)
        {
            TLanes p = TLanes.Load(panel), q = TLanes.Load(panel + TLanes.Count);
            TLanes x = TLanes.Splat(a[0]);
            c0a = TLanes.MultiplyAdd(x, p, c0a);
            c0b = TLanes.MultiplyAdd(x, q, c0b);
            x = TLanes.Splat(a[TLayout.RowStride]);
            c1a = TLanes.MultiplyAdd(x, p, c1a);
            c1b = TLanes.MultiplyAdd(x, q, c1b);
            x = TLanes.Splat(a[2 * TLayout.RowStride]);
            c2a = TLanes.MultiplyAdd(x, p, c2a);
            c2b = TLanes.MultiplyAdd(x, q, c2b);
            x = TLanes.Splat(a[3 * TLayout.RowStride]);
            c3a = TLanes.MultiplyAdd(x, p, c3a);
            c3b = TLanes.MultiplyAdd(x, q, c3b);
            x = TLanes.Splat(a[4 * TLayout.RowStride]);
            c4a = TLanes.MultiplyAdd(x, p, c4a);
            c4b = TLanes.MultiplyAdd(x, q, c4b);
            x = TLanes.Splat(a[5 * TLayout.RowStride]);
            c5a = TLanes.MultiplyAdd(x, p, c5a);
            c5b = TLanes.MultiplyAdd(x, q, c5b);
            x = TLanes.Splat(a[6 * TLayout.RowStride]);
            c6a = TLanes.MultiplyAdd(x, p, c6a);
            c6b = TLanes.MultiplyAdd(x, q, c6b);
            x = TLanes.Splat(a[7 * TLayout.RowStride]);
            c7a = TLanes.MultiplyAdd(x, p, c7a);
            c7b = TLanes.MultiplyAdd(x, q, c7b);
            x = TLanes.Splat(a[8 * TLayout.RowStride]);
            c8a = TLanes.MultiplyAdd(x, p, c8a);
            c8b = TLanes.MultiplyAdd(x, q, c8b);
            x = TLanes.Splat(a[9 * TLayout.RowStride]);
            c9a = TLanes.MultiplyAdd(x, p, c9a);
            c9b = TLanes.MultiplyAdd(x, q, c9b);
            x = TLanes.Splat(a[10 * TLayout.RowStride]);
            c10a = TLanes.MultiplyAdd(x, p, c10a);
            c10b = TLanes.MultiplyAdd(x, q, c10b);
            x = TLanes.Splat(a[11 * TLayout.RowStride]);
            c11a = TLanes.MultiplyAdd(x, p, c11a);
            c11b = TLanes.MultiplyAdd(x, q, c11b);
            a += TLayout.Step(step);
            panel += 2 * TLanes.Count;
        }
        c0a.Store(tile);
        c0b.Store(tile + TLanes.Count);
        c1a.Store(tile + 2 * TLanes.Count);
        c1b.Store(tile + 3 * TLanes.Count);
        c2a.Store(tile + 4 * TLanes.Count);
        c2b.Store(tile + 5 * TLanes.Count);
        c3a.Store(tile + 6 * TLanes.Count);
        c3b.Store(tile + 7 * TLanes.Count);
        c4a.Store(tile + 8 * TLanes.Count);
        c4b.Store(tile + 9 * TLanes.Count);
        c5a.Store(tile + 10 * TLanes.Count);
        c5b.Store(tile + 11 * TLanes.Count);
        c6a.Store(tile + 12 * TLanes.Count);
        c6b.Store(tile + 13 * TLanes.Count);
        c7a.Store(tile + 14 * TLanes.Count);
        c7b.Store(tile + 15 * TLanes.Count);
        c8a.Store(tile + 16 * TLanes.Count);
        c8b.Store(tile + 17 * TLanes.Count);
        c9a.Store(tile + 18 * TLanes.Count);
        c9b.Store(tile + 19 * TLanes.Count);
        c10a.Store(tile + 20 * TLanes.Count);
        c10b.Store(tile + 21 * TLanes.Count);
        c11a.Store(tile + 22 * TLanes.Count);
        c11b.Store(tile + 23 * TLanes.Count);
    }
}

/// <summary>
/// 24 rows by 1 vector: 24 sums stay in registers. The sums have names because the compiler keeps arrays in memory.
/// </summary>
internal static unsafe class MicroKernel24x1<TLanes, TLayout>
    where TLanes : unmanaged, ILanes<TLanes>
    where TLayout : struct, ITileLayout
{
    /// <summary>tile = Σ over k of (column k of A) ⊗ (row k of the panel).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Multiply(float* a, nint step, float* panel, int depth, float* tile)
    {
        TLanes c0 = TLanes.Splat(0);
        TLanes c1 = TLanes.Splat(0);
        TLanes c2 = TLanes.Splat(0);
        TLanes c3 = TLanes.Splat(0);
        TLanes c4 = TLanes.Splat(0);
        TLanes c5 = TLanes.Splat(0);
        TLanes c6 = TLanes.Splat(0);
        TLanes c7 = TLanes.Splat(0);
        TLanes c8 = TLanes.Splat(0);
        TLanes c9 = TLanes.Splat(0);
        TLanes c10 = TLanes.Splat(0);
        TLanes c11 = TLanes.Splat(0);
        TLanes c12 = TLanes.Splat(0);
        TLanes c13 = TLanes.Splat(0);
        TLanes c14 = TLanes.Splat(0);
        TLanes c15 = TLanes.Splat(0);
        TLanes c16 = TLanes.Splat(0);
        TLanes c17 = TLanes.Splat(0);
        TLanes c18 = TLanes.Splat(0);
        TLanes c19 = TLanes.Splat(0);
        TLanes c20 = TLanes.Splat(0);
        TLanes c21 = TLanes.Splat(0);
        TLanes c22 = TLanes.Splat(0);
        TLanes c23 = TLanes.Splat(0);
        for (; depth > 0; depth--)
        {
            TLanes p = TLanes.Load(panel);
            c0 = TLanes.MultiplyAdd(TLanes.Splat(a[0]), p, c0);
            c1 = TLanes.MultiplyAdd(TLanes.Splat(a[TLayout.RowStride]), p, c1);
            c2 = TLanes.MultiplyAdd(TLanes.Splat(a[2 * TLayout.RowStride]), p, c2);
            c3 = TLanes.MultiplyAdd(TLanes.Splat(a[3 * TLayout.RowStride]), p, c3);
            c4 = TLanes.MultiplyAdd(TLanes.Splat(a[4 * TLayout.RowStride]), p, c4);
            c5 = TLanes.MultiplyAdd(TLanes.Splat(a[5 * TLayout.RowStride]), p, c5);
            c6 = TLanes.MultiplyAdd(TLanes.Splat(a[6 * TLayout.RowStride]), p, c6);
            c7 = TLanes.MultiplyAdd(TLanes.Splat(a[7 * TLayout.RowStride]), p, c7);
            c8 = TLanes.MultiplyAdd(TLanes.Splat(a[8 * TLayout.RowStride]), p, c8);
            c9 = TLanes.MultiplyAdd(TLanes.Splat(a[9 * TLayout.RowStride]), p, c9);
            c10 = TLanes.MultiplyAdd(TLanes.Splat(a[10 * TLayout.RowStride]), p, c10);
            c11 = TLanes.MultiplyAdd(TLanes.Splat(a[11 * TLayout.RowStride]), p, c11);
            c12 = TLanes.MultiplyAdd(TLanes.Splat(a[12 * TLayout.RowStride]), p, c12);
            c13 = TLanes.MultiplyAdd(TLanes.Splat(a[13 * TLayout.RowStride]), p, c13);
            c14 = TLanes.MultiplyAdd(TLanes.Splat(a[14 * TLayout.RowStride]), p, c14);
            c15 = TLanes.MultiplyAdd(TLanes.Splat(a[15 * TLayout.RowStride]), p, c15);
            c16 = TLanes.MultiplyAdd(TLanes.Splat(a[16 * TLayout.RowStride]), p, c16);
            c17 = TLanes.MultiplyAdd(TLanes.Splat(a[17 * TLayout.RowStride]), p, c17);
            c18 = TLanes.MultiplyAdd(TLanes.Splat(a[18 * TLayout.RowStride]), p, c18);
            c19 = TLanes.MultiplyAdd(TLanes.Splat(a[19 * TLayout.RowStride]), p, c19);
            c20 = TLanes.MultiplyAdd(TLanes.Splat(a[20 * TLayout.RowStride]), p, c20);
            c21 = TLanes.MultiplyAdd(TLanes.Splat(a[21 * TLayout.RowStride]), p, c21);
            c22 = TLanes.MultiplyAdd(TLanes.Splat(a[22 * TLayout.RowStride]), p, c22);
            c23 = TLanes.MultiplyAdd(TLanes.Splat(a[23 * TLayout.RowStride]), p, c23);
            a += TLayout.Step(step);
            panel += TLanes.Count;
        }
        c0.Store(tile);
        c1.Store(tile + TLanes.Count);
        c2.Store(tile + 2 * TLanes.Count);
        c3.Store(tile + 3 * TLanes.Count);
        c4.Store(tile + 4 * TLanes.Count);
        c5.Store(tile + 5 * TLanes.Count);
        c6.Store(tile + 6 * TLanes.Count);
        c7.Store(tile + 7 * TLanes.Count);
        c8.Store(tile + 8 * TLanes.Count);
        c9.Store(tile + 9 * TLanes.Count);
        c10.Store(tile + 10 * TLanes.Count);
        c11.Store(tile + 11 * TLanes.Count);
        c12.Store(tile + 12 * TLanes.Count);
        c13.Store(tile + 13 * TLanes.Count);
        c14.Store(tile + 14 * TLanes.Count);
        c15.Store(tile + 15 * TLanes.Count);
        c16.Store(tile + 16 * TLanes.Count);
        c17.Store(tile + 17 * TLanes.Count);
        c18.Store(tile + 18 * TLanes.Count);
        c19.Store(tile + 19 * TLanes.Count);
        c20.Store(tile + 20 * TLanes.Count);
        c21.Store(tile + 21 * TLanes.Count);
        c22.Store(tile + 22 * TLanes.Count);
        c23.Store(tile + 23 * TLanes.Count);
    }
}
