namespace IlgpuSpp.Engine.Cpu;

/// <summary>
/// Transforms the tiles of the output gradient for the weight gradient, packed as the kernels want them:
/// <c>[36][panel][tile][width]</c>. An item is a few tiles.
/// </summary>
internal unsafe struct WinogradGradientJob : ICountedJob
{
    private const int TilesPerItem = 8;

    public WinogradKernel Kernel;

    /// <summary>One window a tile: 4 to a side, 4 apart.</summary>
    public PatchGrid Grid;

    public int FirstTile, Tiles, Width;
    public nint PointStride;
    public float* Panels, Scratch;

    public readonly int Items => (Tiles + TilesPerItem - 1) / TilesPerItem;

    /// <summary>Floats of scratch memory for one worker.</summary>
    public readonly long ScratchLength => (Grid.Depth + 15) / 16 * 16;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Run(int item, int worker)
    {
        int last = Math.Min(Tiles, (item + 1) * TilesPerItem);
        for (int tile = item * TilesPerItem; tile < last; tile++) Transform(tile, Scratch + worker * ScratchLength);
    }

    private readonly void Transform(int tile, float* patch)
    {
        float* source = Grid.Window(Grid.Place(FirstTile + tile), patch, out nint line);
        float* to = Panels + (nint)tile * Width;
        nint panelStride = (nint)Tiles * Width;
        for (int first = 0; first < Grid.Channels; first += Width, to += panelStride)
        {
            int run = Math.Min(Width, Grid.Channels - first);
            Kernel.OutputGradient(source + first, line, Grid.Channels, to, PointStride, run);
            if (run == Width) continue;
            for (int point = 0; point < 36; point++) RunCopy.Zero(to + point * PointStride + run, Width - run);
        }
    }
}

/// <summary>
/// dU (+)= Vᵀ·Y at each of the 36 points, summed over the tiles of a range: <c>[in, tile]·[tile, out]</c>. An item is a point
/// and a block of its input channels. The bias gradient comes along: the point (1, 1) of a transformed gradient is the sum
/// of its tile.
/// </summary>
internal unsafe struct WinogradGradientProductJob : ICountedJob
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

/// <summary>dw += Gᵀ·dU·G. An item is a few input channels.</summary>
internal unsafe struct WinogradWeightGradientJob : ICountedJob
{
    private const int ChannelsPerItem = 8;

    public WinogradKernel Kernel;
    public WinogradWeights Gradient;
    public nint PointStride;
    public float* Products;

    public readonly int Items => (Gradient.Channels + ChannelsPerItem - 1) / ChannelsPerItem;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Run(int item, int worker)
    {
        float** taps = stackalloc float*[9];
        int last = Math.Min(Gradient.Channels, (item + 1) * ChannelsPerItem);
        for (int channel = item * ChannelsPerItem; channel < last; channel++)
        {
            for (int tap = 0; tap < 9; tap++) taps[tap] = Gradient.Row(tap / 3, tap % 3, channel, null);
            Kernel.WeightGradient(Products + (nint)channel * Gradient.OutChannels, PointStride, taps, 0, Gradient.OutChannels);
        }
    }
}
