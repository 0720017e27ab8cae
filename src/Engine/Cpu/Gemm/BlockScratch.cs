namespace IlgpuSpp.Engine.Cpu;

/// <summary>Where the parts of one worker's scratch memory begin: the block of A, the place of its rows in C, one tile.</summary>
internal readonly unsafe struct BlockScratch
{
    /// <summary>Floats of one worker's part, a multiple of a cache line.</summary>
    public const int Length = BlockLength + OffsetsLength + TileLength;

    private const int BlockLength = GemmBlocking.Rows * RowLayout.Stride;
    private const int OffsetsLength = 2 * GemmBlocking.Rows;
    private const int TileLength = 24 * 16;

    private readonly float* _start;

    public BlockScratch(float* scratch, int worker) => _start = scratch + (nint)worker * Length;

    /// <summary>Room for <see cref="GemmBlocking.Rows"/> rows of <see cref="RowLayout"/>, or as many columns of <see cref="ColumnLayout"/>.</summary>
    public float* Block => _start;

    /// <summary>One number for each row of the block.</summary>
    public nint* RowOffsets => (nint*)(_start + BlockLength);

    /// <summary>One tile of any kernel.</summary>
    public float* Tile => _start + BlockLength + OffsetsLength;
}
