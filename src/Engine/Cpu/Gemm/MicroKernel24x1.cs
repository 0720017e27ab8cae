using System.Runtime.CompilerServices;

namespace IlgpuSpp.Engine.Cpu;

/// <summary>
/// 24 rows by 1 vector: 24 sums stay in registers. The sums have names because the compiler keeps arrays in memory.
/// </summary>
internal static unsafe class MicroKernel24x1<TVector, TLanes, TLayout>
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
        TVector c12 = TLanes.Zero;
        TVector c13 = TLanes.Zero;
        TVector c14 = TLanes.Zero;
        TVector c15 = TLanes.Zero;
        TVector c16 = TLanes.Zero;
        TVector c17 = TLanes.Zero;
        TVector c18 = TLanes.Zero;
        TVector c19 = TLanes.Zero;
        TVector c20 = TLanes.Zero;
        TVector c21 = TLanes.Zero;
        TVector c22 = TLanes.Zero;
        TVector c23 = TLanes.Zero;
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
            c12 = TLanes.MultiplyAdd(TLanes.Broadcast(a[12 * TLayout.RowStride]), p, c12);
            c13 = TLanes.MultiplyAdd(TLanes.Broadcast(a[13 * TLayout.RowStride]), p, c13);
            c14 = TLanes.MultiplyAdd(TLanes.Broadcast(a[14 * TLayout.RowStride]), p, c14);
            c15 = TLanes.MultiplyAdd(TLanes.Broadcast(a[15 * TLayout.RowStride]), p, c15);
            c16 = TLanes.MultiplyAdd(TLanes.Broadcast(a[16 * TLayout.RowStride]), p, c16);
            c17 = TLanes.MultiplyAdd(TLanes.Broadcast(a[17 * TLayout.RowStride]), p, c17);
            c18 = TLanes.MultiplyAdd(TLanes.Broadcast(a[18 * TLayout.RowStride]), p, c18);
            c19 = TLanes.MultiplyAdd(TLanes.Broadcast(a[19 * TLayout.RowStride]), p, c19);
            c20 = TLanes.MultiplyAdd(TLanes.Broadcast(a[20 * TLayout.RowStride]), p, c20);
            c21 = TLanes.MultiplyAdd(TLanes.Broadcast(a[21 * TLayout.RowStride]), p, c21);
            c22 = TLanes.MultiplyAdd(TLanes.Broadcast(a[22 * TLayout.RowStride]), p, c22);
            c23 = TLanes.MultiplyAdd(TLanes.Broadcast(a[23 * TLayout.RowStride]), p, c23);
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
        TLanes.Store(tile + 12 * TLanes.Count, c12);
        TLanes.Store(tile + 13 * TLanes.Count, c13);
        TLanes.Store(tile + 14 * TLanes.Count, c14);
        TLanes.Store(tile + 15 * TLanes.Count, c15);
        TLanes.Store(tile + 16 * TLanes.Count, c16);
        TLanes.Store(tile + 17 * TLanes.Count, c17);
        TLanes.Store(tile + 18 * TLanes.Count, c18);
        TLanes.Store(tile + 19 * TLanes.Count, c19);
        TLanes.Store(tile + 20 * TLanes.Count, c20);
        TLanes.Store(tile + 21 * TLanes.Count, c21);
        TLanes.Store(tile + 22 * TLanes.Count, c22);
        TLanes.Store(tile + 23 * TLanes.Count, c23);
    }
}
