namespace IlgpuSpp.Engine.Cpu;

/// <summary>What is summed down the columns of chunks of rows.</summary>
internal interface IColumnMap
{
    /// <summary>Computes and stores the partial results of a chunk for one vector of columns.</summary>
    void Column<TLanes>(RowChunk chunk, int c)
        where TLanes : unmanaged, ILanes<TLanes>;
}

/// <summary>Sums of a map down the columns of one chunk of rows.</summary>
internal struct ColumnMapJob<TMap> : IVectorJob
    where TMap : unmanaged, IColumnMap
{
    public RowChunks Chunks;
    public TMap Map;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    readonly void IVectorJob.Run<TLanes>(int item, int worker)
    {
        var (start, end) = Chunks.Range(item);
        var chunk = new RowChunk(item, start, end, Chunks.Columns);
        TMap map = Map;
        int c = 0;
        for (; c + TLanes.Count <= chunk.Columns; c += TLanes.Count) map.Column<TLanes>(chunk, c);
        for (; c < chunk.Columns; c++) map.Column<LanesScalar>(chunk, c);
    }
}

/// <summary>Sums down the columns of one chunk of rows.</summary>
internal unsafe struct ColumnSumsJob : IVectorJob
{
    public float* X, Partial;
    public RowChunks Chunks;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    readonly void IVectorJob.Run<TLanes>(int item, int worker)
    {
        var (start, end) = Chunks.Range(item);
        int columns = Chunks.Columns, c = 0;
        float* target = Partial + (long)item * columns;
        for (; c + 4 * TLanes.Count <= columns; c += 4 * TLanes.Count)
        {
            TLanes s0 = TLanes.Splat(0), s1 = s0, s2 = s0, s3 = s0;
            float* x = X + start * columns + c;
            for (long row = start; row < end; row++, x += columns)
            {
                s0 += TLanes.Load(x);
                s1 += TLanes.Load(x + TLanes.Count);
                s2 += TLanes.Load(x + 2 * TLanes.Count);
                s3 += TLanes.Load(x + 3 * TLanes.Count);
            }
            s0.Store(target + c);
            s1.Store(target + c + TLanes.Count);
            s2.Store(target + c + 2 * TLanes.Count);
            s3.Store(target + c + 3 * TLanes.Count);
        }
        for (; c + TLanes.Count <= columns; c += TLanes.Count) Column<TLanes>(start, end, c).Store(target + c);
        for (; c < columns; c++) Column<LanesScalar>(start, end, c).Store(target + c);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly TLanes Column<TLanes>(long start, long end, int c)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        TLanes sum = TLanes.Splat(0);
        float* x = X + start * Chunks.Columns + c;
        for (long row = start; row < end; row++, x += Chunks.Columns) sum += TLanes.Load(x);
        return sum;
    }
}

/// <summary>Joins partial sums in the order of the chunks, in double precision, for 64 columns.</summary>
internal unsafe struct JoinSumsJob : IParallelJob
{
    public const int ColumnsPerItem = 64;

    public float* Partial, Sums;

    /// <summary>Floats from one chunk's partial sums to the next one's.</summary>
    public long Stride;

    public int Chunks, Columns;
    public bool Accumulate;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Run(int item, int worker)
    {
        int first = item * ColumnsPerItem, width = Math.Min(ColumnsPerItem, Columns - first);
        double* sums = stackalloc double[ColumnsPerItem];
        for (int c = 0; c < width; c++) sums[c] = Accumulate ? Sums[first + c] : 0;
        for (int k = 0; k < Chunks; k++)
        {
            float* partial = Partial + k * Stride + first;
            for (int c = 0; c < width; c++) sums[c] += partial[c];
        }
        for (int c = 0; c < width; c++) Sums[first + c] = (float)sums[c];
    }
}

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

/// <summary>One chunk of rows: its number, its rows and their columns.</summary>
internal readonly record struct RowChunk(int Index, long Start, long End, int Columns);
