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

/// <summary>Packs a matrix B <c>[k, n]</c> into panels; an item is a stretch of k.</summary>
internal unsafe struct PackJob : ICountedJob
{
    /// <summary>Rows of B in an item.</summary>
    public const int RowsPerItem = 128;

    public float* Source;
    public nint Stride;
    public bool Transposed;
    public int Rows, Columns, Width;
    public float* Panels;

    public readonly int Items => (Rows + RowsPerItem - 1) / RowsPerItem;

    public readonly void Run(int item, int worker)
    {
        int first = item * RowsPerItem, rows = Math.Min(RowsPerItem, Rows - first);
        float* to = Panels + (nint)first * Width;
        nint panelStride = (nint)Rows * Width;
        if (Transposed) PanelPacking.PackTransposed(Source + first, Stride, rows, Columns, to, Width, panelStride);
        else PanelPacking.PackRows(Source + first * Stride, Stride, rows, Columns, to, Width, panelStride);
    }
}

/// <summary>
/// Copies of short runs of floats, a few to a few hundred: a call into the runtime's own copy costs as much as the copy.
/// Nothing is read or written outside the run; its end is covered by a vector that overlaps the one before.
/// </summary>
internal static unsafe class RunCopy
{
    /// <summary>destination[0..length) = source[0..length).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Copy(float* source, float* destination, int length)
    {
        if (length is >= 16 and <= 32)
        {
            float* fromEnd = source + length - 16, toEnd = destination + length - 16;
            Vector256<float> v0 = Vector256.Load(source), v1 = Vector256.Load(source + 8), v2 = Vector256.Load(fromEnd), v3 = Vector256.Load(fromEnd + 8);
            Vector256.Store(v0, destination);
            Vector256.Store(v1, destination + 8);
            Vector256.Store(v2, toEnd);
            Vector256.Store(v3, toEnd + 8);
        }
        else if (length >= 8)
        {
            int last = length - 8;
            for (int i = 0; i < last; i += 8) Vector256.Store(Vector256.Load(source + i), destination + i);
            Vector256.Store(Vector256.Load(source + last), destination + last);
        }
        else if (length >= 4)
        {
            Vector128<float> head = Vector128.Load(source), tail = Vector128.Load(source + length - 4);
            Vector128.Store(head, destination);
            Vector128.Store(tail, destination + length - 4);
        }
        else
        {
            for (int i = 0; i < length; i++) destination[i] = source[i];
        }
    }

    /// <summary>destination[0..length) = 0. A length of 0 or less does nothing.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Zero(float* destination, int length)
    {
        int i = 0;
        for (; i <= length - 8; i += 8) Vector256.Store(Vector256<float>.Zero, destination + i);
        for (; i < length; i++) destination[i] = 0;
    }
}
