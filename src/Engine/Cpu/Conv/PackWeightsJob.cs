namespace IlgpuSpp.Engine.Cpu;

/// <summary>
/// Packs weights <c>[kh, kw, in/groups, out]</c> into the panels that <see cref="ConvJob"/> reads, for a rectangle of taps
/// taken from them. Forward: all taps, B = <c>[tap, in, out of the group]</c>. Input gradient: the taps that reach one
/// residue of the stride, in reverse order, B = <c>[tap, out of the group, in]</c>. An item is one tap of one group.
/// </summary>
internal unsafe struct PackWeightsJob : IParallelJob
{
    public float* Weights, Panels;
    public int KernelWidth, InChannels, OutChannels, Groups, Width;

    /// <summary>Taps along each side, in B.</summary>
    public int TapsHeight, TapsWidth;

    /// <summary>Weight row and column of the first tap, and the distance to the next, which may be negative.</summary>
    public int FirstRow, FirstColumn, RowStep, ColumnStep;

    /// <summary>Whether input channels become the columns of B.</summary>
    public bool Transposed;

    /// <summary>How many items there are.</summary>
    public readonly int Items => TapsHeight * TapsWidth * Groups;

    public readonly void Run(int item, int worker)
    {
        int taps = TapsHeight * TapsWidth, group = item / taps, tap = item % taps;
        int row = FirstRow + tap / TapsWidth * RowStep, column = FirstColumn + tap % TapsWidth * ColumnStep;
        int outputs = OutChannels / Groups;
        float* from = Weights + (nint)(row * KernelWidth + column) * InChannels * OutChannels + group * outputs;
        int rows = Transposed ? outputs : InChannels, columns = Transposed ? InChannels : outputs;
        nint panelStride = (nint)taps * rows * Width;
        float* to = Panels + group * ((columns + Width - 1) / Width) * panelStride + (nint)tap * rows * Width;
        if (Transposed) PanelPacking.PackTransposed(from, OutChannels, rows, columns, to, Width, panelStride);
        else PanelPacking.PackRows(from, OutChannels, rows, columns, to, Width, panelStride);
    }
}
