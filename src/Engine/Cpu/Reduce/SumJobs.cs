namespace IlgpuSpp.Engine.Cpu;

/// <summary>Σ x or Σ x² of one chunk of the elements.</summary>
internal unsafe struct SumJob : IVectorJob
{
    // Lanes add up this many vectors before they go into a double: the rounding error stays that of a short sum.
    private const int VectorsPerStep = 64;

    public float* X;
    public double* Partial;
    public long Count;
    public bool Squares;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    readonly void IVectorJob.Run<TLanes>(int item, int worker)
    {
        var (i, end) = ElementChunks.Range(item, Count);
        double total = 0;
        while (i + 4 * TLanes.Count <= end)
        {
            long stop = Math.Min(i + VectorsPerStep * TLanes.Count, end);
            TLanes s0 = TLanes.Splat(0), s1 = s0, s2 = s0, s3 = s0;
            for (; i + 4 * TLanes.Count <= stop; i += 4 * TLanes.Count)
            {
                TLanes x0 = TLanes.Load(X + i), x1 = TLanes.Load(X + i + TLanes.Count);
                TLanes x2 = TLanes.Load(X + i + 2 * TLanes.Count), x3 = TLanes.Load(X + i + 3 * TLanes.Count);
                s0 += Squares ? x0 * x0 : x0;
                s1 += Squares ? x1 * x1 : x1;
                s2 += Squares ? x2 * x2 : x2;
                s3 += Squares ? x3 * x3 : x3;
            }
            total += ((s0 + s1) + (s2 + s3)).Sum();
        }
        for (; i < end; i++) total += Squares ? (double)X[i] * X[i] : X[i];
        Partial[item] = total;
    }
}

/// <summary>The column of the maximum of every row: the first on ties, the first NaN where there is one.</summary>
internal unsafe struct ArgmaxRowsJob : IParallelJob
{
    public float* X;
    public int* Result;
    public RowBlocks Blocks;

    public readonly void Run(int item, int worker)
    {
        for (var (row, end) = Blocks.Range(item); row < end; row++)
        {
            float* x = X + (long)row * Blocks.Columns;
            int best = 0;
            for (int c = 1; c < Blocks.Columns && !float.IsNaN(x[best]); c++)
                if (!(x[c] <= x[best]))
                    best = c;
            Result[row] = best;
        }
    }
}

/// <summary>How many columns of every row beat the label's.</summary>
internal unsafe struct LabelRanksJob : IParallelJob
{
    public float* X;
    public int* Labels, Ranks;
    public RowBlocks Blocks;

    public readonly void Run(int item, int worker)
    {
        for (var (row, end) = Blocks.Range(item); row < end; row++)
        {
            int label = Labels[row];
            Ranks[row] = label == -1 ? -1 : (uint)label >= (uint)Blocks.Columns ? Blocks.Columns : Rank(X + (long)row * Blocks.Columns, label);
        }
    }

    private readonly int Rank(float* x, int label)
    {
        float mine = x[label];
        int rank = 0;
        bool nan = false;
        for (int c = 0; c < Blocks.Columns; c++)
        {
            float value = x[c];
            nan |= float.IsNaN(value);
            if (value > mine || (value == mine && c < label)) rank++;
        }
        return nan ? Blocks.Columns : rank;
    }
}

/// <summary>How the rows of a matrix are cut into items of an operation on rows; depends on the row length alone.</summary>
internal readonly record struct RowBlocks(int Rows, int Columns)
{
    public int RowsPerItem { get; } = Math.Max(1, 8192 / Math.Max(1, Columns));

    public int Items => (int)(((long)Rows + RowsPerItem - 1) / RowsPerItem);

    public static RowBlocks Of(Tensor matrix) => new(matrix.Shape[0], matrix.Shape[1]);

    public (int Start, int End) Range(int item) => (item * RowsPerItem, Math.Min((item + 1) * RowsPerItem, Rows));
}
