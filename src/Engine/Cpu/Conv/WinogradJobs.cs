namespace IlgpuSpp.Engine.Cpu;

/// <summary>
/// Weights <c>[kh, kw, in, out]</c> seen as 3×3 weights over fold²·in channels: tap (a, e) of channel (b, d, c) is
/// tap (fold·a + b, fold·e + d) of channel c. Taps past the kernel are zero.
/// </summary>
internal readonly unsafe struct WinogradWeights(float* weights, int kernelHeight, int kernelWidth, int inChannels, int outChannels, int fold)
{
    private readonly float* _weights = weights;
    private readonly int _kernelHeight = kernelHeight, _kernelWidth = kernelWidth, _inChannels = inChannels, _fold = fold;

    /// <summary>Output channels.</summary>
    public int OutChannels { get; } = outChannels;

    /// <summary>Input channels after folding.</summary>
    public int Channels => _fold * _fold * _inChannels;

    /// <summary>The output channels of one tap and input channel, or <paramref name="absent"/> where the tap is past the kernel.</summary>
    public float* Row(int tapRow, int tapColumn, int channel, float* absent)
    {
        int parity = channel / _inChannels;
        int row = _fold * tapRow + parity / _fold, column = _fold * tapColumn + parity % _fold;
        return row < _kernelHeight && column < _kernelWidth
            ? _weights + ((nint)(row * _kernelWidth + column) * _inChannels + (channel - parity * _inChannels)) * OutChannels
            : absent;
    }
}

/// <summary>
/// Turns 3×3 weights round for the input gradient: <c>[3, 3, in, out]</c> (folded) becomes <c>[3, 3, out, in]</c> with rows
/// and columns of taps reversed. An item is one tap and a stretch of input channels.
/// </summary>
internal unsafe struct TurnWeightsJob : ICountedJob
{
    private const int ChannelsPerItem = 32;

    public WinogradWeights Weights;
    public float* Turned;

    public readonly int Items => 9 * Blocks;

    private readonly int Blocks => (Weights.Channels + ChannelsPerItem - 1) / ChannelsPerItem;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Run(int item, int worker)
    {
        int tap = item / Blocks, first = item % Blocks * ChannelsPerItem, last = Math.Min(Weights.Channels, first + ChannelsPerItem);
        float** rows = stackalloc float*[ChannelsPerItem];
        for (int channel = first; channel < last; channel++) rows[channel - first] = Weights.Row(tap / 3, tap % 3, channel, null);
        float* to = Turned + (nint)(8 - tap) * Weights.OutChannels * Weights.Channels + first;
        for (int output = 0; output < Weights.OutChannels; output++, to += Weights.Channels)
            for (int i = 0; i < last - first; i++)
                to[i] = rows[i] is null ? 0 : rows[i][output];
    }
}

/// <summary>
/// Transforms weights into U, packed for the kernels: <c>[36][panel][in][width]</c>. An item is a few input channels.
/// </summary>
internal unsafe struct WinogradWeightJob : ICountedJob
{
    private const int ChannelsPerItem = 16;

    public WinogradKernel Kernel;
    public WinogradWeights Weights;
    public int Width;
    public nint PointStride;
    public float* U;

    /// <summary><see cref="WinogradWeights.OutChannels"/> zeros, for taps past the kernel.</summary>
    public float* Zeros;

    public readonly int Items => (Weights.Channels + ChannelsPerItem - 1) / ChannelsPerItem;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Run(int item, int worker)
    {
        int firstChannel = item * ChannelsPerItem, channels = Math.Min(ChannelsPerItem, Weights.Channels - firstChannel);
        float** taps = stackalloc float*[9 * ChannelsPerItem];
        for (int i = 0; i < 9 * channels; i++) taps[i] = Weights.Row(i % 9 / 3, i % 9 % 3, firstChannel + i / 9, Zeros);
        // Panel by panel, so that the 36 places written to move on in small steps.
        float* to = U + (nint)firstChannel * Width;
        for (int first = 0; first < Weights.OutChannels; first += Width, to += (nint)Weights.Channels * Width)
        {
            int run = Math.Min(Width, Weights.OutChannels - first);
            for (int channel = 0; channel < channels; channel++)
            {
                float* place = to + channel * Width;
                Kernel.Weights(taps + 9 * channel, place, PointStride, first, run);
                if (run == Width) continue;
                for (int point = 0; point < 36; point++) RunCopy.Zero(place + point * PointStride + run, Width - run);
            }
        }
    }
}

/// <summary>
/// Transforms the input tiles of a range into V <c>[36][segment][tile][channels of the segment]</c>. With a fold of 2 the
/// map is read as one of half the extents and four times the channels: channel (row parity, column parity, channel),
/// which turns a 5×5 convolution of stride 2 into a 3×3 convolution of stride 1. An item is a few tiles.
/// </summary>
internal unsafe struct WinogradInputJob : ICountedJob
{
    /// <summary>Tiles in an item.</summary>
    public const int TilesPerItem = 8;

    public WinogradKernel Kernel;

    /// <summary>One window a tile: 6·fold to a side, 4·fold apart.</summary>
    public PatchGrid Grid;

    public int Fold, FirstTile, Tiles, PaddedTiles, SegmentLength;
    public nint PointStride, SegmentStride, TileStride;
    public float* V, Scratch;

    public readonly int Items => (PaddedTiles + TilesPerItem - 1) / TilesPerItem;

    /// <summary>Floats of scratch memory for one worker.</summary>
    public readonly long ScratchLength => (Grid.Depth + 15) / 16 * 16;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Run(int item, int worker)
    {
        int last = Math.Min(PaddedTiles, (item + 1) * TilesPerItem);
        for (int tile = item * TilesPerItem; tile < last; tile++)
        {
            if (tile < Tiles) Transform(tile, Scratch + worker * ScratchLength);
            else Clear(tile);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Transform(int tile, float* patch)
    {
        float* source = Grid.Window(Grid.Place(FirstTile + tile), patch, out nint line);
        int channels = Fold * Grid.Channels;
        for (int parity = 0; parity < Fold; parity++)
            for (int channel = 0, run; channel < channels; channel += run)
            {
                int place = parity * channels + channel, segment = place / SegmentLength;
                run = Math.Min(channels - channel, (segment + 1) * SegmentLength - place);
                Kernel.Input(
                    source + parity * line + channel, Fold * line, channels,
                    V + segment * SegmentStride + tile * TileStride + (place - segment * SegmentLength), PointStride, run);
            }
    }

    // Rows that fill the kernels' last tile; see GemmJob.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Clear(int tile)
    {
        int channels = Fold * Fold * Grid.Channels;
        for (int point = 0; point < 36; point++)
            for (int channel = 0; channel < channels; channel += SegmentLength)
                RunCopy.Zero(V + point * PointStride + channel / SegmentLength * SegmentStride + tile * TileStride, Math.Min(SegmentLength, channels - channel));
    }
}

/// <summary>
/// M = V·U at each of the 36 points: <c>[tile, in]·[in, out]</c>. An item is a point and a block of its tiles; all points
/// are independent products, so that a single image already gives work to many threads.
/// </summary>
internal unsafe struct WinogradProductJob : ICountedJob
{
    /// <summary>Floats of scratch memory for one worker.</summary>
    public const int ScratchLength = 2 * GemmBlocking.Rows + 24 * 16;

    public MicroKernel Kernel;
    public int Tiles, RowsPerItem, Channels, SegmentLength, OutChannels;
    public nint InputPointStride, InputSegmentStride, WeightPointStride, OutputPointStride, OutputTileStride;
    public float* V, U, M, Scratch;

    public readonly int Items => 36 * Blocks;

    private readonly int Blocks => (Tiles + RowsPerItem - 1) / RowsPerItem;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Run(int item, int worker)
    {
        float* tile = Scratch + worker * (nint)ScratchLength;
        nint* offsets = (nint*)(tile + 24 * 16);
        int point = item / Blocks, firstRow = item % Blocks * RowsPerItem, rows = Math.Min(RowsPerItem, Tiles - firstRow);
        for (int i = 0; i < rows; i++) offsets[i] = (firstRow + i) * OutputTileStride;
        float* block = V + point * InputPointStride + (nint)firstRow * RowLayout.Stride;
        float* panels = U + point * WeightPointStride;
        for (int first = 0; first < Channels; first += SegmentLength)
        {
            int depth = Math.Min(SegmentLength, Channels - first);
            TileTarget target = first == 0 ? TileTarget.Assign(M + point * OutputPointStride) : TileTarget.Accumulate(M + point * OutputPointStride);
            Kernel.MultiplyBlock(
                block, 0, rows, panels + (nint)first * Kernel.Columns, (nint)Channels * Kernel.Columns, OutChannels, depth, tile, offsets, target);
            block += InputSegmentStride;
        }
    }
}

/// <summary>
/// Transforms M back into output tiles, with bias and rectifier. With a fold of 2 the output is a map of twice the
/// extents and a quarter of the channels (input gradient of a strided convolution). An item is a few tiles.
/// </summary>
internal unsafe struct WinogradOutputJob : ICountedJob
{
    private const int TilesPerItem = 8;

    public WinogradKernel Kernel;

    /// <summary>The map that is written, its real extents, and the zeros around it.</summary>
    public float* Map;

    public int Height, Width, Channels, Fold, PadHeight, PadWidth;
    public int TilesHigh, TilesWide, FirstTile, Tiles;
    public nint PointStride, TileStride;
    public float* M, Bias;

    /// <summary>A map of the output's layout that is added before the rectifier, or null; may be <see cref="Map"/>.</summary>
    public float* Added;

    public bool Relu;

    public readonly int Items => (Tiles + TilesPerItem - 1) / TilesPerItem;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Run(int item, int worker)
    {
        int last = Math.Min(Tiles, (item + 1) * TilesPerItem);
        for (int tile = item * TilesPerItem; tile < last; tile++) Transform(tile);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Transform(int tile)
    {
        int perImage = TilesHigh * TilesWide, number = FirstTile + tile;
        int image = number / perImage, inImage = number - image * perImage;
        int tileRow = inImage / TilesWide, tileColumn = inImage - tileRow * TilesWide;
        nint line = (nint)Width * Channels;
        float* source = M + tile * TileStride;
        for (int parity = 0; parity < Fold * Fold; parity++, source += Channels)
        {
            int top = 4 * Fold * tileRow - PadHeight + parity / Fold, left = 4 * Fold * tileColumn - PadWidth + parity % Fold;
            (int firstRow, int endRow) = Inside(top, Height);
            (int firstColumn, int endColumn) = Inside(left, Width);
            if (firstRow >= endRow || firstColumn >= endColumn) continue;
            nint place = ((nint)image * Height + top) * line + (nint)left * Channels;
            Kernel.Output(
                source, PointStride, Map + place, Fold * line, (nint)Fold * Channels, new TileExtent(firstRow, endRow, firstColumn, endColumn), Bias, Added is null ? null : Added + place, Relu, Channels);
        }
    }

    // Which of the positions first, first + fold, … (four of them) lie in [0, extent).
    private readonly (int First, int End) Inside(int first, int extent) =>
        (first >= 0 ? 0 : (-first + Fold - 1) / Fold, first >= extent ? 0 : Math.Min(4, (extent - first + Fold - 1) / Fold));
}

/// <summary>
/// All three steps for a block of tiles, in memory of the worker's own: with few channels the block stays in its second-level cache. The steps' results are those of the whole range's. An item is a block.
/// </summary>
internal unsafe struct WinogradBlockJob : ICountedJob
{
    /// <summary>The steps, made for a range of <see cref="TilesPerItem"/> tiles; their V and M have as much room for every worker.</summary>
    public WinogradInputJob Input;
    public WinogradProductJob Product;
    public WinogradOutputJob Output;
    public int Tiles, TilesPerItem;

    public readonly int Items => (Tiles + TilesPerItem - 1) / TilesPerItem;

    public readonly void Run(int item, int worker)
    {
        WinogradInputJob input = Input;
        WinogradProductJob product = Product;
        WinogradOutputJob output = Output;
        input.FirstTile = output.FirstTile = item * TilesPerItem;
        input.Tiles = product.Tiles = output.Tiles = Math.Min(TilesPerItem, Tiles - item * TilesPerItem);
        input.PaddedTiles = product.Kernel.RoundRows(input.Tiles);
        input.V = product.V = input.V + 36 * worker * input.PointStride;
        product.M = output.M = output.M + 36 * worker * output.PointStride;
        for (int part = 0; part < input.Items; part++) input.Run(part, worker);
        for (int part = 0; part < product.Items; part++) product.Run(part, worker);
        for (int part = 0; part < output.Items; part++) output.Run(part, worker);
    }
}
