using System.Runtime.CompilerServices;

namespace IlgpuSpp.Engine.Cpu;

/// <summary>sums[c] += Σ over the rows of x[r, c], rows in order. An item is a stretch of columns.</summary>
internal unsafe struct ColumnSumJob : IParallelJob
{
    private const int ColumnsPerItem = 256;

    public float* X, Sums;
    public int Rows, Columns;

    /// <summary>How many items there are.</summary>
    public readonly int Items => (Columns + ColumnsPerItem - 1) / ColumnsPerItem;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Run(int item, int worker)
    {
        int first = item * ColumnsPerItem, columns = Math.Min(ColumnsPerItem, Columns - first);
        float* sums = stackalloc float[ColumnsPerItem];
        RunCopy.Zero(sums, columns);
        for (int row = 0; row < Rows; row++)
        {
            float* from = X + (nint)row * Columns + first;
            for (int i = 0; i < columns; i++) sums[i] += from[i];
        }
        for (int i = 0; i < columns; i++) Sums[first + i] += sums[i];
    }
}
