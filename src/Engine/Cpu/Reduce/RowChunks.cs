namespace IlgpuSpp.Engine.Cpu;

/// <summary>
/// How the rows of a matrix are cut into chunks for sums down its columns. Chunks depend on the matrix alone; each gives a
/// partial result for every column, and partial results are joined in double precision in the order of the chunks.
/// </summary>
internal readonly record struct RowChunks(long Rows, int Columns)
{
    /// <summary>Rows of a chunk: few enough that float sums stay accurate and the chunk stays in the cache.</summary>
    public int RowsPerChunk { get; } = Math.Clamp(16384 / Math.Max(1, Columns), 8, 256);

    public int Count => checked((int)((Rows + RowsPerChunk - 1) / RowsPerChunk));

    public (long Start, long End) Range(int chunk)
    {
        long start = (long)chunk * RowsPerChunk;
        return (start, Math.Min(start + RowsPerChunk, Rows));
    }
}
