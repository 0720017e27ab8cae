using System.Runtime.CompilerServices;

namespace IlgpuSpp.Engine.Cpu;

/// <summary>
/// Transforms the tiles of the output gradient for the weight gradient, packed as the kernels want them:
/// <c>[36][panel][tile][width]</c>. An item is a few tiles.
/// </summary>
internal unsafe struct WinogradGradientJob : IParallelJob
{
    private const int TilesPerItem = 8;

    public WinogradKernel Kernel;

    /// <summary>One window a tile: 4 to a side, 4 apart.</summary>
    public PatchGrid Grid;

    public int FirstTile, Tiles, Width;
    public nint PointStride;
    public float* Panels, Scratch;

    /// <summary>How many items there are.</summary>
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
        int perImage = Grid.GridHeight * Grid.GridWidth, number = FirstTile + tile;
        int image = number / perImage, inImage = number - image * perImage;
        int row = inImage / Grid.GridWidth, column = inImage - row * Grid.GridWidth;
        float* source = patch;
        nint line = 4 * (nint)Grid.Channels;
        if (4 * row + 4 <= Grid.Height && 4 * column + 4 <= Grid.Width)
        {
            line = (nint)Grid.Width * Grid.Channels;
            source = Grid.Map + ((nint)image * Grid.Height + 4 * row) * line + 4 * (nint)column * Grid.Channels;
        }
        else
        {
            Grid.Gather(image, row, column, 0, 0, Grid.Depth, patch);
        }
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
