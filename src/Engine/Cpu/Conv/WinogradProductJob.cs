using System.Runtime.CompilerServices;

namespace IlgpuSpp.Engine.Cpu;

/// <summary>
/// M = V·U at each of the 36 points: <c>[tile, in]·[in, out]</c>. An item is a point and a block of its tiles; all points
/// are independent products, so that a single image already gives work to many threads.
/// </summary>
internal unsafe struct WinogradProductJob : IParallelJob
{
    /// <summary>Floats of scratch memory for one worker.</summary>
    public const int ScratchLength = 2 * GemmBlocking.Rows + 24 * 16;

    public MicroKernel Kernel;
    public int Tiles, RowsPerItem, Channels, SegmentLength, OutChannels;
    public nint InputPointStride, InputSegmentStride, WeightPointStride, OutputPointStride, OutputTileStride;
    public float* V, U, M, Scratch;

    /// <summary>How many items there are.</summary>
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
