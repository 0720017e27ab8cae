namespace IlgpuSpp.Engine.Cpu;

/// <summary>Packs a matrix B <c>[k, n]</c> into panels; an item is a stretch of k.</summary>
internal unsafe struct PackJob : IParallelJob
{
    /// <summary>Rows of B in an item.</summary>
    public const int RowsPerItem = 128;

    public float* Source;
    public nint Stride;
    public bool Transposed;
    public int Rows, Columns, Width;
    public float* Panels;

    /// <summary>How many items there are.</summary>
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
