namespace IlgpuSpp.Engine.Cpu;

/// <summary>
/// C = f(α·op(A)·B + β·C + bias) with B in panels. An item is a block of <see cref="GemmBlocking.Rows"/> rows of C and a
/// range of its columns. The block of A is copied into scratch segment by segment, which costs one read and one write
/// a float against one multiply-add for each column.
/// </summary>
internal unsafe struct GemmJob : ICountedJob
{
    // Fewer items than this leave threads idle; more columns an item spread the copying of A over more work.
    private const int EnoughItems = 32;
    private const int FewestPanels = 4;

    // Wider blocks of C leave the second-level cache between two segments.
    private const int MostColumns = 512;

    private MicroKernel _kernel;
    private float* _a, _panels, _scratch;
    private nint _aStride, _cStride;
    private bool _transposeA;
    private int _rows, _columns, _depth, _rowBlocks, _panelsPerItem;
    private TileTarget _target;

    public GemmJob(
        MicroKernel kernel, float* a, nint aStride, bool transposeA, float* panels, int rows, int columns, int depth, nint cStride, TileTarget target, float* scratch)
    {
        _kernel = kernel;
        _a = a;
        _aStride = aStride;
        _transposeA = transposeA;
        _panels = panels;
        _rows = rows;
        _columns = columns;
        _depth = depth;
        _cStride = cStride;
        _target = target;
        _scratch = scratch;
        _rowBlocks = (rows + GemmBlocking.Rows - 1) / GemmBlocking.Rows;
        int all = kernel.Panels(columns);
        int columnBlocks = Math.Clamp(EnoughItems / Math.Max(1, _rowBlocks), 1, Math.Max(1, all / FewestPanels));
        columnBlocks = Math.Max(columnBlocks, (columns + MostColumns - 1) / MostColumns);
        _panelsPerItem = Math.Max(1, (all + columnBlocks - 1) / columnBlocks);
    }

    public readonly int Items => _rowBlocks * ((_kernel.Panels(_columns) + _panelsPerItem - 1) / _panelsPerItem);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Run(int item, int worker)
    {
        var scratch = new BlockScratch(_scratch, worker);
        int firstRow = item % _rowBlocks * GemmBlocking.Rows, rows = Math.Min(GemmBlocking.Rows, _rows - firstRow);
        int firstPanel = item / _rowBlocks * _panelsPerItem, firstColumn = firstPanel * _kernel.Columns;
        int columns = Math.Min(_panelsPerItem * _kernel.Columns, _columns - firstColumn);
        for (int row = 0; row < rows; row++) scratch.RowOffsets[row] = (firstRow + row) * _cStride + firstColumn;
        nint panelStride = (nint)_depth * _kernel.Columns;
        float* panels = _panels + firstPanel * panelStride;
        (int segments, int length) = GemmBlocking.Segments(_depth);
        for (int segment = 0; segment < segments; segment++)
        {
            int first = segment * length, depth = Math.Min(length, _depth - first);
            if (_transposeA) CopyColumns(scratch.Block, firstRow, rows, first, depth);
            else CopyRows(scratch.Block, firstRow, rows, first, depth);
            TileTarget target = _target.ForSegment(segment == 0, segment == segments - 1);
            if (target.Bias is not null) target.Bias += firstColumn;
            _kernel.MultiplyBlock(
                scratch.Block, _transposeA ? GemmBlocking.Rows : 0, rows,
                panels + (nint)first * _kernel.Columns, panelStride, columns, depth, scratch.Tile, scratch.RowOffsets, target);
        }
    }

    private readonly void CopyRows(float* block, int firstRow, int rows, int first, int depth)
    {
        for (int row = 0; row < rows; row++)
            RunCopy.Copy(_a + (firstRow + row) * _aStride + first, block + row * RowLayout.Stride, depth);
        // Rows that only fill the last tile are multiplied too; zeros cannot slow it down as denormal numbers can.
        int whole = _kernel.RoundRows(rows);
        for (int row = rows; row < whole; row++) RunCopy.Zero(block + row * RowLayout.Stride, depth);
    }

    private readonly void CopyColumns(float* block, int firstRow, int rows, int first, int depth)
    {
        int fill = _kernel.RoundRows(rows) - rows;
        for (int k = 0; k < depth; k++)
        {
            float* to = block + k * GemmBlocking.Rows;
            RunCopy.Copy(_a + (first + k) * _aStride + firstRow, to, rows);
            RunCopy.Zero(to + rows, fill);
        }
    }
}

/// <summary>
/// Block sizes of all products. They depend on nothing but the problem, so that sums are cut at the same places at any
/// number of threads.
/// </summary>
internal static class GemmBlocking
{
    /// <summary>
    /// The longest stretch of the summed dimension that is done at a time: a panel of 32 columns of B then takes
    /// 32 KB and stays in the first-level cache.
    /// </summary>
    public const int Depth = 256;

    /// <summary>Rows of A in a block, a multiple of the rows of every kernel; the block stays in the second-level cache.</summary>
    public const int Rows = 96;

    /// <summary>Cuts the summed dimension into equal segments no longer than <see cref="Depth"/>.</summary>
    /// <param name="depth">The whole length.</param>
    /// <returns>How many segments and how long each but the last is.</returns>
    public static (int Segments, int Length) Segments(int depth)
    {
        int segments = Math.Max(1, (depth + Depth - 1) / Depth);
        return (segments, (depth + segments - 1) / segments);
    }
}

/// <summary>Where the parts of one worker's scratch memory begin: the block of A, the place of its rows in C, one tile.</summary>
internal readonly unsafe struct BlockScratch
{
    /// <summary>Floats of one worker's part, a multiple of a cache line.</summary>
    public const int Length = BlockLength + OffsetsLength + TileLength;

    private const int BlockLength = GemmBlocking.Rows * RowLayout.Stride;
    private const int OffsetsLength = 2 * GemmBlocking.Rows;
    private const int TileLength = 24 * 16;

    private readonly float* _start;

    public BlockScratch(float* scratch, int worker) => _start = scratch + (nint)worker * Length;

    /// <summary>Room for <see cref="GemmBlocking.Rows"/> rows of <see cref="RowLayout"/>, or as many columns of <see cref="ColumnLayout"/>.</summary>
    public float* Block => _start;

    /// <summary>One number for each row of the block.</summary>
    public nint* RowOffsets => (nint*)(_start + BlockLength);

    /// <summary>One tile of any kernel.</summary>
    public float* Tile => _start + BlockLength + OffsetsLength;
}
