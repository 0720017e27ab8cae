using System.Runtime.CompilerServices;

namespace IlgpuSpp.Engine.Cpu;

/// <summary>
/// dU (+)= Vᵀ·Y at each of the 36 points, summed over the tiles of a range: <c>[in, tile]·[tile, out]</c>. An item is a point
/// and a block of its input channels. The bias gradient comes along: the point (1, 1) of a transformed gradient is the sum
/// of its tile.
/// </summary>
internal unsafe struct WinogradGradientProductJob : IParallelJob
{
    /// <summary>Floats of scratch memory for one worker.</summary>
    public const int ScratchLength = 2 * GemmBlocking.Rows + 24 * 16;

    private const int TileSums = 7;

    public MicroKernel Kernel;
    public int Tiles, RowsPerItem, Channels, OutChannels;
    public nint InputPointStride, InputBlockStride, GradientPointStride, ProductPointStride;

    /// <summary>Whether this is the first range of tiles, whose sums are assigned.</summary>
    public bool First;

    public float* V, Y, Products, BiasGradient, Scratch;

    /// <summary>How many items there are.</summary>
    public readonly int Items => 36 * Blocks;

    private readonly int Blocks => (Channels + RowsPerItem - 1) / RowsPerItem;

    private readonly nint PanelStride => (nint)Tiles * Kernel.Columns;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Run(int item, int worker)
    {
        float* tile = Scratch + worker * (nint)ScratchLength;
        nint* offsets = (nint*)(tile + 24 * 16);
        int point = item / Blocks, block = item % Blocks, firstRow = block * RowsPerItem, rows = Math.Min(RowsPerItem, Channels - firstRow);
        for (int i = 0; i < rows; i++) offsets[i] = (nint)(firstRow + i) * OutChannels;
        float* panels = Y + point * GradientPointStride, products = Products + point * ProductPointStride;
        for (int first = 0; first < Tiles; first += GemmBlocking.Depth)
            Kernel.MultiplyBlock(
                V + point * InputPointStride + block * InputBlockStride + (nint)first * RowsPerItem, RowsPerItem, rows,
                panels + (nint)first * Kernel.Columns, PanelStride, OutChannels, Math.Min(GemmBlocking.Depth, Tiles - first), tile, offsets,
                First && first == 0 ? TileTarget.Assign(products) : TileTarget.Accumulate(products));
        if (point == TileSums && block == 0 && BiasGradient is not null) AddBias(panels);
    }

    private readonly void AddBias(float* panel)
    {
        for (int first = 0; first < OutChannels; first += Kernel.Columns, panel += PanelStride)
            for (int i = 0; i < Math.Min(Kernel.Columns, OutChannels - first); i++)
            {
                float sum = 0;
                for (int t = 0; t < Tiles; t++) sum += panel[(nint)t * Kernel.Columns + i];
                BiasGradient[first + i] += sum;
            }
    }
}
