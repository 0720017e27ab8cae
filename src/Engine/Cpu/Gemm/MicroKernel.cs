namespace IlgpuSpp.Engine.Cpu;

/// <summary>
/// The innermost product of one instruction set: how large its tile is and the compiled functions for the two layouts
/// of A. Unmanaged, so that jobs can hold it.
/// </summary>
internal readonly unsafe struct MicroKernel
{
    private readonly delegate*<float*, nint, float*, int, float*, void> _rowLayout, _columnLayout;
    private readonly delegate*<float*, int, int, int, float*, nint*, TileTarget*, void> _store;

    private MicroKernel(
        int rows,
        int columns,
        delegate*<float*, nint, float*, int, float*, void> rowLayout,
        delegate*<float*, nint, float*, int, float*, void> columnLayout,
        delegate*<float*, int, int, int, float*, nint*, TileTarget*, void> store)
    {
        Rows = rows;
        Columns = columns;
        _rowLayout = rowLayout;
        _columnLayout = columnLayout;
        _store = store;
    }

    /// <summary>Rows of a tile; divides <see cref="GemmBlocking.Rows"/>.</summary>
    public int Rows { get; }

    /// <summary>Columns of a tile and of a packed panel of B.</summary>
    public int Columns { get; }

    /// <summary>The kernel for a product with a number of columns: a narrow one where a single vector holds them all.</summary>
    /// <param name="level">The instruction set.</param>
    /// <param name="columns">Columns of the product.</param>
    public static MicroKernel For(SimdLevel level, int columns) => level switch
    {
        SimdLevel.Avx512 when columns > Lanes512.Count => new(12, 32,
            &MicroKernel12x2<Lanes512, RowLayout>.Multiply,
            &MicroKernel12x2<Lanes512, ColumnLayout>.Multiply,
            &TileStore<Lanes512>.Store),
        SimdLevel.Avx512 => new(24, 16,
            &MicroKernel24x1<Lanes512, RowLayout>.Multiply,
            &MicroKernel24x1<Lanes512, ColumnLayout>.Multiply,
            &TileStore<Lanes512>.Store),
        SimdLevel.Avx2 when columns > Lanes256.Count => new(6, 16,
            &MicroKernel6x2<Lanes256, RowLayout>.Multiply,
            &MicroKernel6x2<Lanes256, ColumnLayout>.Multiply,
            &TileStore<Lanes256>.Store),
        SimdLevel.Avx2 => new(12, 8,
            &MicroKernel12x1<Lanes256, RowLayout>.Multiply,
            &MicroKernel12x1<Lanes256, ColumnLayout>.Multiply,
            &TileStore<Lanes256>.Store),
        SimdLevel.Vector128 when columns > Lanes128.Count => new(6, 8,
            &MicroKernel6x2<Lanes128, RowLayout>.Multiply,
            &MicroKernel6x2<Lanes128, ColumnLayout>.Multiply,
            &TileStore<Lanes128>.Store),
        SimdLevel.Vector128 => new(12, 4,
            &MicroKernel12x1<Lanes128, RowLayout>.Multiply,
            &MicroKernel12x1<Lanes128, ColumnLayout>.Multiply,
            &TileStore<Lanes128>.Store),
        _ => new(6, 2,
            &MicroKernel6x2<LanesScalar, RowLayout>.Multiply,
            &MicroKernel6x2<LanesScalar, ColumnLayout>.Multiply,
            &TileStore<LanesScalar>.Store),
    };

    /// <summary>Panels that hold a number of columns.</summary>
    public int Panels(int columns) => (columns + Columns - 1) / Columns;

    /// <summary>Rows rounded up to whole tiles.</summary>
    public int RoundRows(int rows) => (rows + Rows - 1) / Rows * Rows;

    /// <summary>
    /// C (+)= A·B for a block of A in scratch memory and packed panels of B.
    /// </summary>
    /// <param name="block">A: <see cref="RowLayout"/> where <paramref name="step"/> is 0, otherwise <see cref="ColumnLayout"/> with that distance. Rows up to the next whole tile are readable.</param>
    /// <param name="step">Floats between two columns of A, or 0.</param>
    /// <param name="rows">Rows of the block.</param>
    /// <param name="panels">First panel of B, at the first k of the segment.</param>
    /// <param name="panelStride">Floats from one panel to the next.</param>
    /// <param name="columns">Columns of the block of C.</param>
    /// <param name="depth">Length of the summed segment.</param>
    /// <param name="tile">Scratch for one tile.</param>
    /// <param name="rowOffsets">Where each row of the block lies in C, in floats from <see cref="TileTarget.C"/>.</param>
    /// <param name="target">Where the sums go and what is done to them.</param>
    public void MultiplyBlock(
        float* block, nint step, int rows, float* panels, nint panelStride, int columns, int depth, float* tile, nint* rowOffsets, TileTarget target)
    {
        nint tileStride = Rows * (step == 0 ? RowLayout.Stride : (nint)1);
        delegate*<float*, nint, float*, int, float*, void> multiply = step == 0 ? _rowLayout : _columnLayout;
        // A short product is limited by C: its rows are then walked from end to end, a few at a time.
        if (depth <= 48 && rows > Rows)
        {
            for (int row = 0; row < rows; row += Rows)
                MultiplyStrip(multiply, block + row / Rows * tileStride, step, Math.Min(Rows, rows - row), panels, panelStride, columns, depth, tile, rowOffsets + row, target);
            return;
        }
        for (int column = 0; column < columns; column += Columns)
        {
            int width = Math.Min(Columns, columns - column);
            for (int row = 0; row < rows; row += Rows)
            {
                multiply(block + row / Rows * tileStride, step, panels, depth, tile);
                _store(tile, Columns, Math.Min(Rows, rows - row), width, target.C + column, rowOffsets + row, &target);
            }
            panels += panelStride;
            if (target.Bias is not null) target.Bias += Columns;
        }
    }

    private void MultiplyStrip(
        delegate*<float*, nint, float*, int, float*, void> multiply,
        float* strip, nint step, int rows, float* panels, nint panelStride, int columns, int depth, float* tile, nint* rowOffsets, TileTarget target)
    {
        for (int column = 0; column < columns; column += Columns)
        {
            multiply(strip, step, panels, depth, tile);
            _store(tile, Columns, rows, Math.Min(Columns, columns - column), target.C + column, rowOffsets, &target);
            panels += panelStride;
            if (target.Bias is not null) target.Bias += Columns;
        }
    }
}
