using System.Runtime.CompilerServices;

namespace IlgpuSpp.Engine.Cpu;

/// <summary>
/// 6 rows by 2 vectors: 12 sums stay in registers. The sums have names because the compiler keeps arrays in memory.
/// </summary>
internal static unsafe class MicroKernel6x2<TVector, TLanes, TLayout>
    where TVector : unmanaged
    where TLanes : struct, IFusedLanes<TVector>
    where TLayout : struct, ITileLayout
{
    /// <summary>tile = Σ over k of (column k of A) ⊗ (row k of the panel).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Multiply(float* a, nint step, float* panel, int depth, float* tile)
    {
        TVector c0a = TLanes.Zero, c0b = TLanes.Zero;
        TVector c1a = TLanes.Zero, c1b = TLanes.Zero;
        TVector c2a = TLanes.Zero, c2b = TLanes.Zero;
        TVector c3a = TLanes.Zero, c3b = TLanes.Zero;
        TVector c4a = TLanes.Zero, c4b = TLanes.Zero;
        TVector c5a = TLanes.Zero, c5b = TLanes.Zero;
        for (; depth > 0; depth--)
        {
            TVector p = TLanes.Load(panel), q = TLanes.Load(panel + TLanes.Count);
            TVector x = TLanes.Broadcast(a[0]);
            c0a = TLanes.MultiplyAdd(x, p, c0a);
            c0b = TLanes.MultiplyAdd(x, q, c0b);
            x = TLanes.Broadcast(a[TLayout.RowStride]);
            c1a = TLanes.MultiplyAdd(x, p, c1a);
            c1b = TLanes.MultiplyAdd(x, q, c1b);
            x = TLanes.Broadcast(a[2 * TLayout.RowStride]);
            c2a = TLanes.MultiplyAdd(x, p, c2a);
            c2b = TLanes.MultiplyAdd(x, q, c2b);
            x = TLanes.Broadcast(a[3 * TLayout.RowStride]);
            c3a = TLanes.MultiplyAdd(x, p, c3a);
            c3b = TLanes.MultiplyAdd(x, q, c3b);
            x = TLanes.Broadcast(a[4 * TLayout.RowStride]);
            c4a = TLanes.MultiplyAdd(x, p, c4a);
            c4b = TLanes.MultiplyAdd(x, q, c4b);
            x = TLanes.Broadcast(a[5 * TLayout.RowStride]);
            c5a = TLanes.MultiplyAdd(x, p, c5a);
            c5b = TLanes.MultiplyAdd(x, q, c5b);
            a += TLayout.Step(step);
            panel += 2 * TLanes.Count;
        }
        TLanes.Store(tile, c0a);
        TLanes.Store(tile + TLanes.Count, c0b);
        TLanes.Store(tile + 2 * TLanes.Count, c1a);
        TLanes.Store(tile + 3 * TLanes.Count, c1b);
        TLanes.Store(tile + 4 * TLanes.Count, c2a);
        TLanes.Store(tile + 5 * TLanes.Count, c2b);
        TLanes.Store(tile + 6 * TLanes.Count, c3a);
        TLanes.Store(tile + 7 * TLanes.Count, c3b);
        TLanes.Store(tile + 8 * TLanes.Count, c4a);
        TLanes.Store(tile + 9 * TLanes.Count, c4b);
        TLanes.Store(tile + 10 * TLanes.Count, c5a);
        TLanes.Store(tile + 11 * TLanes.Count, c5b);
    }
}
