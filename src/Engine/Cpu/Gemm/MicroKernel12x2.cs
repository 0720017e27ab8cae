using System.Runtime.CompilerServices;

namespace IlgpuSpp.Engine.Cpu;

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
