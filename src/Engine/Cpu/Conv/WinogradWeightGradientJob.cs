using System.Runtime.CompilerServices;

namespace IlgpuSpp.Engine.Cpu;

/// <summary>
/// dw += Gᵀ·(Vᵀ·Y)·G: at each of the 36 points the product of the transformed inputs and output gradients over the tiles
/// of a range, then the transform back. An item is a block of input and output channels, whose 36 products stay in the
/// second-level cache. The bias gradient comes along: the point (1, 1) of a transformed gradient is the sum of its tile.
/// </summary>
internal unsafe struct WinogradWeightGradientJob : IParallelJob
{
    public MicroKernel Product;
    public WinogradKernel Kernel;
    public WinogradWeights Gradient;
    public int Tiles, RowsPerItem, ColumnsPerItem;
    public nint InputPointStride, InputTileStride, GradientPointStride;
    public float* V, Y, Scratch, BiasGradient;

    /// <summary>How many items there are.</summary>
    public readonly int Items => RowBlocks * ColumnBlocks;

    /// <summary>Floats of scratch memory for one worker.</summary>
    public readonly long ScratchLength => 36L * PointStride + 24 * 16 + 2 * OffsetCount;

    private readonly int RowBlocks => (Gradient.Channels + RowsPerItem - 1) / RowsPerItem;

    private readonly int ColumnBlocks => (Gradient.OutChannels + ColumnsPerItem - 1) / ColumnsPerItem;

    private readonly nint PointStride => (nint)RowsPerItem * ColumnsPerItem + 16;

    private readonly int OffsetCount => (RowsPerItem + 7) / 8 * 8;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Run(int item, int worker)
    {
        float* products = Scratch + worker * ScratchLength, tile = products + 36 * PointStride;
        nint* offsets = (nint*)(tile + 24 * 16);
        int firstRow = item / ColumnBlocks * RowsPerItem, rows = Math.Min(RowsPerItem, Gradient.Channels - firstRow);
        int firstColumn = item % ColumnBlocks * ColumnsPerItem, columns = Math.Min(ColumnsPerItem, Gradient.OutChannels - firstColumn);
        nint panelStride = (nint)Tiles * Product.Columns;
        for (int i = 0; i < rows; i++) offsets[i] = (nint)i * ColumnsPerItem;
        for (int point = 0; point < 36; point++)
        {
            float* panels = Y + point * GradientPointStride + firstColumn / Product.Columns * panelStride;
            for (int first = 0; first < Tiles; first += GemmBlocking.Depth)
            {
                TileTarget target = first == 0 ? TileTarget.Assign(products + point * PointStride) : TileTarget.Accumulate(products + point * PointStride);
                Product.MultiplyBlock(
                    V + point * InputPointStride + first * InputTileStride + firstRow, InputTileStride, rows,
                    panels + (nint)first * Product.Columns, panelStride, columns, Math.Min(GemmBlocking.Depth, Tiles - first), tile, offsets, target);
            }
        }
        float** taps = stackalloc float*[9];
        for (int row = 0; row < rows; row++)
        {
            for (int tap = 0; tap < 9; tap++) taps[tap] = Gradient.Row(tap / 3, tap % 3, firstRow + row, null);
            Kernel.WeightGradient(products + offsets[row], PointStride, taps, firstColumn, columns);
        }
        if (firstRow == 0 && BiasGradient is not null) AddBias(firstColumn, columns, panelStride);
    }

    private readonly void AddBias(int firstColumn, int columns, nint panelStride)
    {
        const int TileSums = 7;
        float* panel = Y + TileSums * GradientPointStride + firstColumn / Product.Columns * panelStride;
        for (int first = 0; first < columns; first += Product.Columns, panel += panelStride)
            for (int i = 0; i < Math.Min(Product.Columns, columns - first); i++)
            {
                float sum = 0;
                for (int t = 0; t < Tiles; t++) sum += panel[(nint)t * Product.Columns + i];
                BiasGradient[firstColumn + first + i] += sum;
            }
    }
}
