namespace IlgpuSpp.Engine.Cpu;

/// <summary>y[i] = value over one chunk.</summary>
internal unsafe struct FillJob : IParallelJob
{
    public float* Y;
    public long Count;
    public float Value;

    public readonly void Run(int item, int worker)
    {
        var (start, end) = ElementChunks.Range(item, Count);
        new Span<float>(Y + start, (int)(end - start)).Fill(Value);
    }
}

/// <summary>y = x over one chunk.</summary>
internal unsafe struct CopyJob : IParallelJob
{
    public float* X, Y;
    public long Count;

    public readonly void Run(int item, int worker)
    {
        var (start, end) = ElementChunks.Range(item, Count);
        Buffer.MemoryCopy(X + start, Y + start, (end - start) * sizeof(float), (end - start) * sizeof(float));
    }
}

/// <summary>Copies rows between two matrices of different row length: one part of a concatenation.</summary>
internal unsafe struct RowCopyJob : IParallelJob
{
    public float* Source, Target;
    public long SourceStride, TargetStride, Rows;
    public int Width, RowsPerItem;

    public readonly void Run(int item, int worker)
    {
        long start = (long)item * RowsPerItem, end = Math.Min(start + RowsPerItem, Rows);
        for (long row = start; row < end; row++)
            Buffer.MemoryCopy(Source + row * SourceStride, Target + row * TargetStride, (long)Width * sizeof(float), (long)Width * sizeof(float));
    }
}
