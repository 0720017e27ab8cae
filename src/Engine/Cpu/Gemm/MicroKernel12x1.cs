using System.Runtime.CompilerServices;

namespace IlgpuSpp.Engine.Cpu;

/// <summary>
/// 12 rows by 1 vector: 12 sums stay in registers. The sums have names because the compiler keeps arrays in memory.
/// </summary>
internal static unsafe class MicroKernel12x1<TVector, TLanes, TLayout>
    where TVector : unmanaged
    where TLanes : struct, IFusedLanes<TVector>
    where TLayout : struct, ITileLayout
{
    /// <summary>tile = Σ over k of (column k of A) ⊗ (row k of the panel).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Multiply(float* a, nint step, float* panel, int depth, float* tile)
    {
        TVector c0 = TLanes.Zero;
        TVector c1 = TLanes.Zero;
        TVector c2 = TLanes.Zero;
        TVector c3 = TLanes.Zero;
        TVector c4 = TLanes.Zero;
        TVector c5 = TLanes.Zero;
        TVector c6 = TLanes.Zero;
        TVector c7 = TLanes.Zero;
        TVector c8 = TLanes.Zero;
        TVector c9 = TLanes.Zero;
        TVector c10 = TLanes.Zero;
        TVector c11 = TLanes.Zero;
        for (; depth > 0; depth--)
        {
            TVector p = TLanes.Load(panel);
            c0 = TLanes.MultiplyAdd(TLanes.Broadcast(a[0]), p, c0);
            c1 = TLanes.MultiplyAdd(TLanes.Broadcast(a[TLayout.RowStride]), p, c1);
            c2 = TLanes.MultiplyAdd(TLanes.Broadcast(a[2 * TLayout.RowStride]), p, c2);
            c3 = TLanes.MultiplyAdd(TLanes.Broadcast(a[3 * TLayout.RowStride]), p, c3);
            c4 = TLanes.MultiplyAdd(TLanes.Broadcast(a[4 * TLayout.RowStride]), p, c4);
            c5 = TLanes.MultiplyAdd(TLanes.Broadcast(a[5 * TLayout.RowStride]), p, c5);
            c6 = TLanes.MultiplyAdd(TLanes.Broadcast(a[6 * TLayout.RowStride]), p, c6);
            c7 = TLanes.MultiplyAdd(TLanes.Broadcast(a[7 * TLayout.RowStride]), p, c7);
            c8 = TLanes.MultiplyAdd(TLanes.Broadcast(a[8 * TLayout.RowStride]), p, c8);
            c9 = TLanes.MultiplyAdd(TLanes.Broadcast(a[9 * TLayout.RowStride]), p, c9);
            c10 = TLanes.MultiplyAdd(TLanes.Broadcast(a[10 * TLayout.RowStride]), p, c10);
            c11 = TLanes.MultiplyAdd(TLanes.Broadcast(a[11 * TLayout.RowStride]), p, c11);
            a += TLayout.Step(step);
            panel += TLanes.Count;
        }
        TLanes.Store(tile, c0);
        TLanes.Store(tile + TLanes.Count, c1);
        TLanes.Store(tile + 2 * TLanes.Count, c2);
        TLanes.Store(tile + 3 * TLanes.Count, c3);
        TLanes.Store(tile + 4 * TLanes.Count, c4);
        TLanes.Store(tile + 5 * TLanes.Count, c5);
        TLanes.Store(tile + 6 * TLanes.Count, c6);
        TLanes.Store(tile + 7 * TLanes.Count, c7);
        TLanes.Store(tile + 8 * TLanes.Count, c8);
        TLanes.Store(tile + 9 * TLanes.Count, c9);
        TLanes.Store(tile + 10 * TLanes.Count, c10);
        TLanes.Store(tile + 11 * TLanes.Count, c11);
    }
}
