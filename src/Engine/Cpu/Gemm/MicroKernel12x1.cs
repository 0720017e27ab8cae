using System.Runtime.CompilerServices;

namespace IlgpuSpp.Engine.Cpu;

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
