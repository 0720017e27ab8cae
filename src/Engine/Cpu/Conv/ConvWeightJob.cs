namespace IlgpuSpp.Engine.Cpu;

/// <summary>
/// Weight gradient of the direct convolution: dw = patchesᵀ·dy, summed over all windows of the batch; a column of ones
/// beside the patches gives the bias gradient as one more row. An item is a range of weight rows and output channels of
/// one group and a range of windows. Ranges of windows are fixed by the problem and their sums are added in order, by
/// <see cref="CombineJob"/> where there is more than one.
/// </summary>
internal unsafe struct ConvWeightJob : ICountedJob
{
    private const int EnoughItems = 16;
    private const int MostRows = 192;
    private const int MostColumns = 256;
    private const int WindowsAtATime = GemmBlocking.Depth;
    private const long LargestPartial = 1 << 23;

    private readonly MicroKernel _kernel;
    private readonly PatchGrid _grid;
    private readonly float* _dy, _partials, _scratch;
    private readonly float* _dw, _dBias;
    private readonly int _windows, _outChannels, _columns, _depth, _rows, _groups;
    private readonly int _rowsPerItem, _rowBlocks, _panelsPerItem, _columnBlocks, _chunksPerPart;

    /// <summary>Describes the work.</summary>
    /// <param name="kernel">The kernel.</param>
    /// <param name="grid">The windows.</param>
    /// <param name="images">Images in the batch.</param>
    /// <param name="groups">Channel groups.</param>
    /// <param name="dy">Output gradient.</param>
    /// <param name="outChannels">Output channels, of all groups.</param>
    /// <param name="dw">Weight gradient, added to.</param>
    /// <param name="dBias">Bias gradient, added to, or null.</param>
    public ConvWeightJob(MicroKernel kernel, PatchGrid grid, int images, int groups, float* dy, int outChannels, float* dw, float* dBias)
    {
        _kernel = kernel;
        _grid = grid;
        _groups = groups;
        _dy = dy;
        _dw = dw;
        _dBias = dBias;
        _outChannels = outChannels;
        _columns = outChannels / groups;
        _windows = images * grid.GridHeight * grid.GridWidth;
        _depth = grid.Depth;
        _rows = _depth + (dBias is null ? 0 : 1);
        int blocks = (_rows + MostRows - 1) / MostRows;
        _rowsPerItem = kernel.RoundRows((_rows + blocks - 1) / blocks);
        _rowBlocks = (_rows + _rowsPerItem - 1) / _rowsPerItem;
        int all = kernel.Panels(_columns), most = MostColumns / kernel.Columns;
        int columnBlocks = (all + most - 1) / most;
        _panelsPerItem = (all + columnBlocks - 1) / columnBlocks;
        _columnBlocks = (all + _panelsPerItem - 1) / _panelsPerItem;
        int chunks = (_windows + WindowsAtATime - 1) / WindowsAtATime;
        long size = (long)_rows * outChannels;
        int parts = (int)Math.Clamp(EnoughItems / Math.Max(1, _rowBlocks * _columnBlocks * groups), 1, Math.Min(chunks, Math.Max(1, LargestPartial / size)));
        _chunksPerPart = (chunks + parts - 1) / parts;
        Parts = (chunks + _chunksPerPart - 1) / _chunksPerPart;
        _partials = null;
        _scratch = null;
    }

    /// <summary>The same with its memory.</summary>
    /// <param name="job">The work.</param>
    /// <param name="partials"><see cref="PartialLength"/> floats for each part where there is more than one.</param>
    /// <param name="scratch"><see cref="ScratchLength"/> floats a worker.</param>
    public ConvWeightJob(in ConvWeightJob job, float* partials, float* scratch)
    {
        this = job;
        _partials = partials;
        _scratch = scratch;
    }

    /// <summary>Ranges of windows that are summed on their own.</summary>
    public int Parts { get; }

    /// <summary>Floats of one part's sums: the weights, then the bias.</summary>
    public readonly long PartialLength => (long)_rows * _outChannels;

    /// <summary>Floats of scratch memory for one worker, a multiple of a cache line.</summary>
    public readonly long ScratchLength => PatchLength + PanelLength + OffsetsLength + TileLength;

    public readonly int Items => Parts * _rowBlocks * _columnBlocks * _groups;

    private readonly long PatchLength => WindowsAtATime * (long)PatchStride;

    private readonly int PatchStride => (_rowsPerItem + 15) / 16 * 16;

    private readonly long PanelLength => (long)WindowsAtATime * _panelsPerItem * _kernel.Columns + 16;

    private static int OffsetsLength => 2 * (MostRows + 48);

    private static int TileLength => 24 * 16;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Run(int item, int worker)
    {
        float* patches = _scratch + worker * ScratchLength, tile = patches + PatchLength, panels = tile + TileLength + OffsetsLength;
        nint* offsets = (nint*)(tile + TileLength);
        int firstRow = item % _rowBlocks * _rowsPerItem, rest = item / _rowBlocks;
        int firstPanel = rest % _columnBlocks * _panelsPerItem;
        rest /= _columnBlocks;
        int group = rest % _groups, part = rest / _groups;
        int rows = Math.Min(_rowsPerItem, _rows - firstRow);
        int firstColumn = firstPanel * _kernel.Columns, columns = Math.Min(_panelsPerItem * _kernel.Columns, _columns - firstColumn);
        int channel = group * _columns + firstColumn;
        float* destination = Parts == 1 ? _dw : _partials + part * PartialLength;
        for (int i = 0; i < rows; i++) offsets[i] = (nint)(firstRow + i) * _outChannels + channel;
        // The bias gradient is a tensor of its own: its row is named by its distance from dw.
        if (Parts == 1 && firstRow + rows > _depth) offsets[rows - 1] = (nint)(_dBias - _dw) + channel;
        int chunks = (_windows + WindowsAtATime - 1) / WindowsAtATime, last = Math.Min(chunks, (part + 1) * _chunksPerPart);
        for (int chunk = part * _chunksPerPart; chunk < last; chunk++)
        {
            int first = chunk * WindowsAtATime, count = Math.Min(WindowsAtATime, _windows - first);
            Gather(patches, first, count, group, firstRow, rows);
            nint panelStride = (nint)count * _kernel.Columns;
            PanelPacking.PackRows(_dy + (nint)first * _outChannels + channel, _outChannels, count, columns, panels, _kernel.Columns, panelStride);
            bool assign = Parts > 1 && chunk == part * _chunksPerPart;
            _kernel.MultiplyBlock(
                patches, PatchStride, rows, panels, panelStride, columns, count, tile, offsets,
                assign ? TileTarget.Assign(destination) : TileTarget.Accumulate(destination));
        }
    }

    private readonly void Gather(float* patches, int firstWindow, int count, int group, int firstRow, int rows)
    {
        GridPlace at = _grid.Place(firstWindow);
        int weights = Math.Min(rows, _depth - firstRow), fill = _kernel.RoundRows(rows) - rows;
        for (int i = 0; i < count; i++, at = _grid.Next(at), patches += PatchStride)
        {
            _grid.Gather(at, group, firstRow, weights, patches);
            if (weights < rows) patches[weights] = 1;
            RunCopy.Zero(patches + rows, fill);
        }
    }
}

/// <summary>sums[i] += Σ over parts, in order, of partials[part, i]. An item is a stretch of elements.</summary>
internal unsafe struct CombineJob : ICountedJob
{
    private const int ElementsPerItem = 4096;

    public float* Partials, Sums;
    public long PartStride, Length;
    public int Parts;

    public readonly int Items => (int)((Length + ElementsPerItem - 1) / ElementsPerItem);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Run(int item, int worker)
    {
        long first = (long)item * ElementsPerItem;
        int count = (int)Math.Min(ElementsPerItem, Length - first);
        float* total = stackalloc float[ElementsPerItem];
        RunCopy.Copy(Partials + first, total, count);
        for (int part = 1; part < Parts; part++)
        {
            float* from = Partials + part * PartStride + first;
            for (int i = 0; i < count; i++) total[i] += from[i];
        }
        for (int i = 0; i < count; i++) Sums[first + i] += total[i];
    }
}
