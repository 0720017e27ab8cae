using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace IlgpuSpp.Engine.Cpu;

/// <summary>
/// Brings a matrix B <c>[k, n]</c> into panels: <c>[n / width][k][width]</c>, the columns past n filled with zeros.
/// A kernel then reads one panel from end to end.
/// </summary>
internal static unsafe class PanelPacking
{
    /// <summary>Packs rows of a row-major matrix.</summary>
    /// <param name="source">First row.</param>
    /// <param name="stride">Floats between rows of the source.</param>
    /// <param name="rows">Rows to pack.</param>
    /// <param name="columns">Columns, n.</param>
    /// <param name="panels">Where the first row goes in the first panel.</param>
    /// <param name="width">Columns of a panel.</param>
    /// <param name="panelStride">Floats between panels.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void PackRows(float* source, nint stride, int rows, int columns, float* panels, int width, nint panelStride)
    {
        for (int column = 0; column < columns; column += width, panels += panelStride)
        {
            int run = Math.Min(width, columns - column);
            float* from = source + column, to = panels;
            if (run == 32)
            {
                for (int row = 0; row < rows; row++, from += stride, to += 32)
                {
                    Vector256<float> v0 = Vector256.Load(from), v1 = Vector256.Load(from + 8), v2 = Vector256.Load(from + 16), v3 = Vector256.Load(from + 24);
                    Vector256.Store(v0, to);
                    Vector256.Store(v1, to + 8);
                    Vector256.Store(v2, to + 16);
                    Vector256.Store(v3, to + 24);
                }
                continue;
            }
            for (int row = 0; row < rows; row++, from += stride, to += width)
            {
                RunCopy.Copy(from, to, run);
                RunCopy.Zero(to + run, width - run);
            }
        }
    }

    /// <summary>Packs rows of the transpose of a row-major matrix: row k of B is column k of the source.</summary>
    /// <param name="source">First column to pack.</param>
    /// <param name="stride">Floats between rows of the source.</param>
    /// <param name="rows">Columns of the source to pack: rows of B.</param>
    /// <param name="columns">Rows of the source: columns of B, n.</param>
    /// <param name="panels">Where the first row goes in the first panel.</param>
    /// <param name="width">Columns of a panel.</param>
    /// <param name="panelStride">Floats between panels.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void PackTransposed(float* source, nint stride, int rows, int columns, float* panels, int width, nint panelStride)
    {
        for (int column = 0; column < columns; column += width, panels += panelStride)
        {
            int run = Math.Min(width, columns - column);
            for (int row = 0; row < rows; row++)
            {
                float* from = source + column * stride + row, to = panels + (nint)row * width;
                for (int i = 0; i < run; i++, from += stride) to[i] = *from;
                RunCopy.Zero(to + run, width - run);
            }
        }
    }
}
