namespace IlgpuSpp.Engine.Cpu;

/// <summary>
/// The innermost product of one instruction set: how large its tile is and the compiled functions for the two layouts
/// of A. Unmanaged, so that jobs can hold it.
/// </summary>
internal readonly unsafe struct MicroKernel
{
    /// <summary>Rows of a tile; divides <see cref="GemmBlocking.Rows"/>.</summary>
    public int Rows { get; private init; }

    /// <summary>Columns of a tile and of a packed panel of B.</summary>
    public int Columns { get; private init; }

    /// <summary>Rows of the smaller tile that does what is left of a block, where that is enough.</summary>
    private int FewRows { get; init; }

    private delegate*<float*, nint, float*, int, float*, void> OfRows { get; init; }

    private delegate*<float*, nint, float*, int, float*, void> OfColumns { get; init; }

    private delegate*<float*, nint, float*, int, float*, void> OfFewRows { get; init; }

    private delegate*<float*, nint, float*, int, float*, void> OfFewColumns { get; init; }

    private delegate*<float*, int, int, int, float*, nint*, TileTarget*, void> Store { get; init; }

    /// <summary>The kernel for a product with a number of columns: a narrow one where a single vector holds them all.</summary>
    /// <param name="lanes">The lanes.</param>
    /// <param name="columns">Columns of the product.</param>
    public static MicroKernel For(LaneChoice lanes, int columns) => lanes.Exact ? For<RoundedTwice>(lanes.Level, columns) : For<RoundedOnce>(lanes.Level, columns);

    private static MicroKernel For<TRounding>(SimdLevel level, int columns)
        where TRounding : struct, IRounding => level switch
        {
            SimdLevel.Avx512 when columns > Lanes512<TRounding>.Count =>
                Of<Lanes512<TRounding>, TwiceRows<SixRows<TwoVectors<Lanes512<TRounding>>>, TwoVectors<Lanes512<TRounding>>>, SixRows<TwoVectors<Lanes512<TRounding>>>, TwoVectors<Lanes512<TRounding>>>(),
            SimdLevel.Avx512 => Of<Lanes512<TRounding>, TwiceRows<TwiceRows<SixRows<Lanes512<TRounding>>, Lanes512<TRounding>>, Lanes512<TRounding>>, SixRows<Lanes512<TRounding>>, Lanes512<TRounding>>(),
            SimdLevel.Avx2 => Of<Lanes256<TRounding>>(columns),
            SimdLevel.Vector128 => Of<Lanes128<TRounding>>(columns),
            _ => Of<LanesScalar, SixRows<TwoVectors<LanesScalar>>, SixRows<TwoVectors<LanesScalar>>, TwoVectors<LanesScalar>>(),
        };

    // 16 registers hold six rows of two vectors, or twelve of one.
    private static MicroKernel Of<TLanes>(int columns)
        where TLanes : unmanaged, ILanes<TLanes> => columns > TLanes.Count
            ? Of<TLanes, SixRows<TwoVectors<TLanes>>, SixRows<TwoVectors<TLanes>>, TwoVectors<TLanes>>()
            : Of<TLanes, TwiceRows<SixRows<TLanes>, TLanes>, SixRows<TLanes>, TLanes>();

    private static MicroKernel Of<TLanes, TRows, TFewRows, TVector>()
        where TLanes : unmanaged, ILanes<TLanes>
        where TRows : unmanaged, IRowSums<TRows, TVector>
        where TFewRows : unmanaged, IRowSums<TFewRows, TVector>
        where TVector : unmanaged, IVector<TVector> => new()
    {
        Rows = TRows.Rows,
        FewRows = TFewRows.Rows,
        Columns = TVector.Count,
        OfRows = &MicroKernel<TRows, TVector, RowLayout>.Multiply,
        OfColumns = &MicroKernel<TRows, TVector, ColumnLayout>.Multiply,
        OfFewRows = &MicroKernel<TFewRows, TVector, RowLayout>.Multiply,
        OfFewColumns = &MicroKernel<TFewRows, TVector, ColumnLayout>.Multiply,
        Store = &TileStore<TLanes>.Store,
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
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void MultiplyBlock(
        float* block, nint step, int rows, float* panels, nint panelStride, int columns, int depth, float* tile, nint* rowOffsets, TileTarget target)
    {
        nint tileStride = Rows * (step == 0 ? RowLayout.Stride : (nint)1);
        delegate*<float*, nint, float*, int, float*, void> multiply = step == 0 ? OfRows : OfColumns, few = step == 0 ? OfFewRows : OfFewColumns;
        // A short product is limited by C: its rows are then walked from end to end, a few at a time.
        if (depth <= 48 && rows > Rows)
        {
            for (int row = 0; row < rows; row += Rows)
                MultiplyStrip(rows - row <= FewRows ? few : multiply, block + row / Rows * tileStride, step, Math.Min(Rows, rows - row), panels, panelStride, columns, depth, tile, rowOffsets + row, target);
            return;
        }
        for (int column = 0; column < columns; column += Columns)
        {
            int width = Math.Min(Columns, columns - column);
            for (int row = 0; row < rows; row += Rows)
            {
                (rows - row <= FewRows ? few : multiply)(block + row / Rows * tileStride, step, panels, depth, tile);
                Store(tile, Columns, Math.Min(Rows, rows - row), width, target.C + column, rowOffsets + row, &target);
            }
            panels += panelStride;
            if (target.Bias is not null) target.Bias += Columns;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void MultiplyStrip(
        delegate*<float*, nint, float*, int, float*, void> multiply,
        float* strip, nint step, int rows, float* panels, nint panelStride, int columns, int depth, float* tile, nint* rowOffsets, TileTarget target)
    {
        for (int column = 0; column < columns; column += Columns)
        {
            multiply(strip, step, panels, depth, tile);
            Store(tile, Columns, rows, Math.Min(Columns, columns - column), target.C + column, rowOffsets, &target);
            panels += panelStride;
            if (target.Bias is not null) target.Bias += Columns;
        }
    }
}
