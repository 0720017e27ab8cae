using System.Runtime.CompilerServices;

namespace IlgpuSpp.Engine.Cpu;

/// <summary>
/// 12 rows by 2 vectors: 24 sums stay in registers. The sums have names because the compiler keeps arrays in memory.
/// </summary>
internal static unsafe class MicroKernel12x2<TVector, TLanes, TLayout>
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
        TVector c6a = TLanes.Zero, c6b = TLanes.Zero;
        TVector c7a = TLanes.Zero, c7b = TLanes.Zero;
        TVector c8a = TLanes.Zero, c8b = TLanes.Zero;
        TVector c9a = TLanes.Zero, c9b = TLanes.Zero;
        TVector c10a = TLanes.Zero, c10b = TLanes.Zero;
        TVector c11a = TLanes.Zero, c11b = TLanes.Zero;
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
            x = TLanes.Broadcast(a[6 * TLayout.RowStride]);
            c6a = TLanes.MultiplyAdd(x, p, c6a);
            c6b = TLanes.MultiplyAdd(x, q, c6b);
            x = TLanes.Broadcast(a[7 * TLayout.RowStride]);
            c7a = TLanes.MultiplyAdd(x, p, c7a);
            c7b = TLanes.MultiplyAdd(x, q, c7b);
            x = TLanes.Broadcast(a[8 * TLayout.RowStride]);
            c8a = TLanes.MultiplyAdd(x, p, c8a);
            c8b = TLanes.MultiplyAdd(x, q, c8b);
            x = TLanes.Broadcast(a[9 * TLayout.RowStride]);
            c9a = TLanes.MultiplyAdd(x, p, c9a);
            c9b = TLanes.MultiplyAdd(x, q, c9b);
            x = TLanes.Broadcast(a[10 * TLayout.RowStride]);
            c10a = TLanes.MultiplyAdd(x, p, c10a);
            c10b = TLanes.MultiplyAdd(x, q, c10b);
            x = TLanes.Broadcast(a[11 * TLayout.RowStride]);
            c11a = TLanes.MultiplyAdd(x, p, c11a);
            c11b = TLanes.MultiplyAdd(x, q, c11b);
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
        TLanes.Store(tile + 12 * TLanes.Count, c6a);
        TLanes.Store(tile + 13 * TLanes.Count, c6b);
        TLanes.Store(tile + 14 * TLanes.Count, c7a);
        TLanes.Store(tile + 15 * TLanes.Count, c7b);
        TLanes.Store(tile + 16 * TLanes.Count, c8a);
        TLanes.Store(tile + 17 * TLanes.Count, c8b);
        TLanes.Store(tile + 18 * TLanes.Count, c9a);
        TLanes.Store(tile + 19 * TLanes.Count, c9b);
        TLanes.Store(tile + 20 * TLanes.Count, c10a);
        TLanes.Store(tile + 21 * TLanes.Count, c10b);
        TLanes.Store(tile + 22 * TLanes.Count, c11a);
        TLanes.Store(tile + 23 * TLanes.Count, c11b);
    }
}
