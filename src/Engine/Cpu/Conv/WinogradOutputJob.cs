using System.Runtime.CompilerServices;

namespace IlgpuSpp.Engine.Cpu;

/// <summary>
/// Transforms M back into output tiles, with bias and rectifier. With a fold of 2 the output is a map of twice the
/// extents and a quarter of the channels (input gradient of a strided convolution). An item is a few tiles.
/// </summary>
internal unsafe struct WinogradOutputJob : IParallelJob
{
    private const int TilesPerItem = 8;

    public WinogradKernel Kernel;

    /// <summary>The map that is written, its real extents, and the zeros around it.</summary>
    public float* Map;

    public int Height, Width, Channels, Fold, PadHeight, PadWidth;
    public int TilesHigh, TilesWide, FirstTile, Tiles;
    public nint PointStride, TileStride;
    public float* M, Bias;
    public bool Relu;

    /// <summary>How many items there are.</summary>
    public readonly int Items => (Tiles + TilesPerItem - 1) / TilesPerItem;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Run(int item, int worker)
    {
        int last = Math.Min(Tiles, (item + 1) * TilesPerItem);
        for (int tile = item * TilesPerItem; tile < last; tile++) Transform(tile);
    }

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
            float* to = Map + ((nint)image * Height + top) * line + (nint)left * Channels;
            Kernel.Output(source, PointStride, to, Fold * line, (nint)Fold * Channels, new TileExtent(firstRow, endRow, firstColumn, endColumn), Bias, Relu, Channels);
        }
    }

    // Which of the positions first, first + fold, … (four of them) lie in [0, extent).
    private readonly (int First, int End) Inside(int first, int extent) =>
        (first >= 0 ? 0 : (-first + Fold - 1) / Fold, first >= extent ? 0 : Math.Min(4, (extent - first + Fold - 1) / Fold));
}
