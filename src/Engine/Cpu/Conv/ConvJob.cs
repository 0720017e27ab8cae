namespace IlgpuSpp.Engine.Cpu;

/// <summary>
/// The direct convolution: C = f(patches·B + bias), the patches gathered into scratch memory a block of windows and a
/// segment of the window at a time, never as a whole. Forward pass and, over the output gradient, input gradient.
/// An item is a block of <see cref="GemmBlocking.Rows"/> windows of one group and a range of output channels.
/// </summary>
internal unsafe struct ConvJob : ICountedJob
{
    private const int EnoughItems = 32;
    private const int FewestPanels = 2;

    private MicroKernel _kernel;
    private PatchGrid _grid;
    private float* _panels, _scratch;
    private int _windows, _columns, _rowBlocks, _columnBlocks, _panelsPerItem, _groups;
    private nint _imageStride, _rowStride, _columnStride;
    private TileTarget _target;

    /// <summary>Describes the work.</summary>
    /// <param name="kernel">The kernel that the panels were packed for.</param>
    /// <param name="grid">The windows.</param>
    /// <param name="images">Images in the batch.</param>
    /// <param name="groups">Channel groups.</param>
    /// <param name="panels">B of each group, one after another.</param>
    /// <param name="columns">Output channels of a group.</param>
    /// <param name="target">Output; the channels of a group follow those of the group before.</param>
    /// <param name="imageStride">Floats from one image of the output to the next.</param>
    /// <param name="rowStride">Floats from one grid row to the next.</param>
    /// <param name="columnStride">Floats from one grid column to the next.</param>
    /// <param name="scratch"><see cref="BlockScratch.Length"/> floats a worker.</param>
    public ConvJob(
        MicroKernel kernel, PatchGrid grid, int images, int groups, float* panels, int columns,
        TileTarget target, nint imageStride, nint rowStride, nint columnStride, float* scratch)
    {
        _kernel = kernel;
        _grid = grid;
        _panels = panels;
        _columns = columns;
        _target = target;
        _imageStride = imageStride;
        _rowStride = rowStride;
        _columnStride = columnStride;
        _scratch = scratch;
        _groups = groups;
        _windows = images * grid.GridHeight * grid.GridWidth;
        _rowBlocks = (_windows + GemmBlocking.Rows - 1) / GemmBlocking.Rows;
        int all = kernel.Panels(columns);
        int parts = Math.Clamp(EnoughItems / Math.Max(1, _rowBlocks * groups), 1, Math.Max(1, all / FewestPanels));
        _panelsPerItem = (all + parts - 1) / parts;
        _columnBlocks = (all + _panelsPerItem - 1) / _panelsPerItem;
    }

    public readonly int Items => _rowBlocks * _columnBlocks * _groups;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Run(int item, int worker)
    {
        var scratch = new BlockScratch(_scratch, worker);
        int rowBlock = item % _rowBlocks, rest = item / _rowBlocks;
        int group = rest / _columnBlocks, firstPanel = rest % _columnBlocks * _panelsPerItem;
        int firstWindow = rowBlock * GemmBlocking.Rows, rows = Math.Min(GemmBlocking.Rows, _windows - firstWindow);
        int firstColumn = firstPanel * _kernel.Columns, columns = Math.Min(_panelsPerItem * _kernel.Columns, _columns - firstColumn);
        int channel = group * _columns + firstColumn;
        PlaceRows(scratch.RowOffsets, firstWindow, rows, channel);
        int depth = _grid.Depth;
        nint panelStride = (nint)depth * _kernel.Columns;
        float* panels = _panels + ((nint)group * _kernel.Panels(_columns) + firstPanel) * panelStride;
        (int segments, int length) = GemmBlocking.Segments(depth);
        for (int segment = 0; segment < segments; segment++)
        {
            int first = segment * length, count = Math.Min(length, depth - first);
            Gather(scratch.Block, firstWindow, rows, group, first, count);
            TileTarget target = _target.ForSegment(segment == 0, segment == segments - 1);
            if (target.Bias is not null) target.Bias += channel;
            _kernel.MultiplyBlock(
                scratch.Block, 0, rows, panels + (nint)first * _kernel.Columns, panelStride, columns, count, scratch.Tile, scratch.RowOffsets, target);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void PlaceRows(nint* offsets, int firstWindow, int rows, int channel)
    {
        GridPlace at = _grid.Place(firstWindow);
        for (int i = 0; i < rows; i++, at = _grid.Next(at)) offsets[i] = at.Image * _imageStride + at.Row * _rowStride + at.Column * _columnStride + channel;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Gather(float* block, int firstWindow, int rows, int group, int first, int count)
    {
        GridPlace at = _grid.Place(firstWindow);
        for (int i = 0; i < rows; i++, at = _grid.Next(at), block += RowLayout.Stride) _grid.Gather(at, group, first, count, block);
        int whole = _kernel.RoundRows(rows);
        for (int i = rows; i < whole; i++, block += RowLayout.Stride) RunCopy.Zero(block, count);
    }
}

/// <summary>
/// Packs weights <c>[kh, kw, in/groups, out]</c> into the panels that <see cref="ConvJob"/> reads, for a rectangle of taps
/// taken from them. Forward: all taps, B = <c>[tap, in, out of the group]</c>. Input gradient: the taps that reach one
/// residue of the stride, in reverse order, B = <c>[tap, out of the group, in]</c>. An item is one tap of one group.
/// </summary>
internal unsafe struct PackWeightsJob : ICountedJob
{
    public float* Weights, Panels;
    public int KernelWidth, InChannels, OutChannels, Groups, Width;

    /// <summary>Taps along each side, in B.</summary>
    public int TapsHeight, TapsWidth;

    /// <summary>Weight row and column of the first tap, and the distance to the next, which may be negative.</summary>
    public int FirstRow, FirstColumn, RowStep, ColumnStep;

    /// <summary>Whether input channels become the columns of B.</summary>
    public bool Transposed;

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
