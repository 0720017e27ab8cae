using System.Runtime.CompilerServices;

namespace IlgpuSpp.Engine.Cpu;

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
