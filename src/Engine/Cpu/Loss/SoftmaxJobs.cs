namespace IlgpuSpp.Engine.Cpu;

/// <summary>Softmax of one row, computed from its maximum.</summary>
internal static unsafe class RowSoftmax
{
    /// <summary>Writes y = softmax(x), in place allowed, and returns the row's maximum and ln Σ exp(x − maximum).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static (double Maximum, double LogSum) Run<TLanes>(float* x, float* y, int columns)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        float maximum = Maximum<TLanes>(x, columns);
        double sum = Exponentials<TLanes>(x, y, columns, maximum);
        float factor = (float)(1 / sum);
        int c = 0;
        for (; c + TLanes.Count <= columns; c += TLanes.Count) (TLanes.Load(y + c) * TLanes.Splat(factor)).Store(y + c);
        for (; c < columns; c++) y[c] *= factor;
        return (maximum, Math.Log(sum));
    }

    private static float Maximum<TLanes>(float* x, int columns)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        float maximum = x[0];
        int c = 0;
        if (columns >= TLanes.Count)
        {
            TLanes best = TLanes.Load(x);
            for (c = TLanes.Count; c + TLanes.Count <= columns; c += TLanes.Count) best = WindowMax.Larger(best, TLanes.Load(x + c));
            float* lanes = stackalloc float[16];
            best.Store(lanes);
            maximum = lanes[0];
            for (int i = 1; i < TLanes.Count; i++) maximum = MathF.Max(maximum, lanes[i]);
        }
        for (; c < columns; c++) maximum = MathF.Max(maximum, x[c]);
        return maximum;
    }

    // Lanes add up at most 32 vectors before they go into a double.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static double Exponentials<TLanes>(float* x, float* y, int columns, float maximum)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        double total = 0;
        TLanes shift = TLanes.Splat(maximum);
        int c = 0;
        while (c + TLanes.Count <= columns)
        {
            int stop = Math.Min(c + 32 * TLanes.Count, columns);
            TLanes sum = TLanes.Splat(0);
            for (; c + TLanes.Count <= stop; c += TLanes.Count)
            {
                TLanes e = VectorMath.Exp(TLanes.Load(x + c) - shift);
                e.Store(y + c);
                sum += e;
            }
            total += sum.Sum();
        }
        for (; c < columns; c++)
        {
            LanesScalar e = VectorMath.Exp(LanesScalar.Load(x + c) - LanesScalar.Splat(maximum));
            e.Store(y + c);
            total += y[c];
        }
        return total;
    }
}

/// <summary>Softmax of a run of rows.</summary>
internal unsafe struct SoftmaxJob : IVectorJob
{
    public float* X, Y;
    public RowBlocks Blocks;

    readonly void IVectorJob.Run<TLanes>(int item, int worker)
    {
        for (var (row, end) = Blocks.Range(item); row < end; row++)
            RowSoftmax.Run<TLanes>(X + (long)row * Blocks.Columns, Y + (long)row * Blocks.Columns, Blocks.Columns);
    }
}

/// <summary>Softmax and cross-entropy of a run of rows.</summary>
internal unsafe struct CrossEntropyForwardJob : IVectorJob
{
    public float* Logits, Probabilities, Losses;
    public int* Labels;
    public RowBlocks Blocks;
    public float Smoothing;

    readonly void IVectorJob.Run<TLanes>(int item, int worker)
    {
        for (var (row, end) = Blocks.Range(item); row < end; row++)
        {
            float* logits = Logits + (long)row * Blocks.Columns;
            var (maximum, logSum) = RowSoftmax.Run<TLanes>(logits, Probabilities + (long)row * Blocks.Columns, Blocks.Columns);
            Losses[row] = Labels[row] == -1 ? 0 : (uint)Labels[row] >= (uint)Blocks.Columns ? float.NaN : Loss(logits, Labels[row], maximum, logSum);
        }
    }

    // −Σ t·log p with log p = logit − maximum − logSum: nothing is taken the logarithm of that may have vanished.
    private readonly float Loss(float* logits, int label, double maximum, double logSum)
    {
        double loss = (1.0 - Smoothing) * (logSum + (maximum - logits[label]));
        if (Smoothing != 0)
        {
            double gaps = 0;
            for (int c = 0; c < Blocks.Columns; c++) gaps += maximum - logits[c];
            loss += Smoothing * (logSum + gaps / Blocks.Columns);
        }
        return double.IsFinite(loss) ? (float)Math.Min(loss, float.MaxValue) : (float)loss;
    }
}

/// <summary>scale·(p − t) of a run of rows.</summary>
internal unsafe struct CrossEntropyBackwardJob : IVectorJob
{
    public float* Probabilities, Gradient;
    public int* Labels;
    public RowBlocks Blocks;
    public float Smoothing, Factor;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    readonly void IVectorJob.Run<TLanes>(int item, int worker)
    {
        float rest = Smoothing / Blocks.Columns;
        TLanes scale = TLanes.Splat(Factor), others = TLanes.Splat(rest);
        for (var (row, end) = Blocks.Range(item); row < end; row++)
        {
            float* p = Probabilities + (long)row * Blocks.Columns, gradient = Gradient + (long)row * Blocks.Columns;
            int label = Labels[row], c = 0;
            if ((uint)label >= (uint)Blocks.Columns)
            {
                new Span<float>(gradient, Blocks.Columns).Fill(label == -1 ? 0 : float.NaN);
                continue;
            }
            float mine = p[label];
            for (; c + TLanes.Count <= Blocks.Columns; c += TLanes.Count) (scale * (TLanes.Load(p + c) - others)).Store(gradient + c);
            for (; c < Blocks.Columns; c++) gradient[c] = Factor * (p[c] - rest);
            gradient[label] = Factor * (mine - (1 - Smoothing + rest));
        }
    }
}
