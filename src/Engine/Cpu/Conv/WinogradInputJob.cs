using System.Runtime.CompilerServices;

namespace IlgpuSpp.Engine.Cpu;

/// <summary>
/// Transforms the input tiles of a range into V <c>[36][segment][tile][channels of the segment]</c>. With a fold of 2 the
/// map is read as one of half the extents and four times the channels: channel (row parity, column parity, channel),
/// which turns a 5×5 convolution of stride 2 into a 3×3 convolution of stride 1. An item is a few tiles.
/// </summary>
internal unsafe struct WinogradInputJob : IParallelJob
{
    /// <summary>Tiles in an item.</summary>
    public const int TilesPerItem = 8;

    public WinogradKernel Kernel;

    /// <summary>One window a tile: 6·fold to a side, 4·fold apart.</summary>
    public PatchGrid Grid;

    public int Fold, FirstTile, Tiles, PaddedTiles, SegmentLength;
    public nint PointStride, SegmentStride, TileStride;
    public float* V, Scratch;

    /// <summary>How many items there are.</summary>
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

    private readonly void Transform(int tile, float* patch)
    {
        int perImage = Grid.GridHeight * Grid.GridWidth, number = FirstTile + tile;
        int image = number / perImage, inImage = number - image * perImage;
        int gridRow = inImage / Grid.GridWidth, gridColumn = inImage - gridRow * Grid.GridWidth;
        int top = gridRow * Grid.StrideHeight - Grid.PadHeight, left = gridColumn * Grid.StrideWidth - Grid.PadWidth;
        float* source = patch;
        nint line = (nint)Grid.KernelWidth * Grid.Channels;
        if (top >= 0 && left >= 0 && top + Grid.KernelHeight <= Grid.Height && left + Grid.KernelWidth <= Grid.Width)
        {
            line = (nint)Grid.Width * Grid.Channels;
            source = Grid.Map + ((nint)image * Grid.Height + top) * line + (nint)left * Grid.Channels;
        }
        else
        {
            Grid.Gather(image, gridRow, gridColumn, 0, 0, Grid.Depth, patch);
        }
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
    private readonly void Clear(int tile)
    {
        int channels = Fold * Fold * Grid.Channels;
        for (int point = 0; point < 36; point++)
            for (int channel = 0; channel < channels; channel += SegmentLength)
                RunCopy.Zero(V + point * PointStride + channel / SegmentLength * SegmentStride + tile * TileStride, Math.Min(SegmentLength, channels - channel));
    }
}
