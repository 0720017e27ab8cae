using System.Runtime.CompilerServices;

namespace IlgpuSpp.Engine.Cpu;

/// <summary>
/// C = f(α·op(A)·B + β·C + bias) with B in panels. An item is a block of <see cref="GemmBlocking.Rows"/> rows of C and a
/// range of its columns. The block of A is copied into scratch segment by segment, which costs one read and one write
/// a float against one multiply-add for each column.
/// </summary>
internal unsafe struct GemmJob : IParallelJob
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

    /// <summary>How many items there are.</summary>
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
