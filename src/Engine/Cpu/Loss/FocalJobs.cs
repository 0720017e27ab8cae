namespace IlgpuSpp.Engine.Cpu;

/// <summary>Softmax and −Σ t·(1 − p)^focus·log p of a run of rows, in double precision behind the softmax.</summary>
internal unsafe struct FocalForwardJob : IVectorJob
{
    public float* Logits, Targets, Probabilities, Losses;
    public RowBlocks Blocks;
    public float Focus;

    readonly void IVectorJob.Run<TLanes>(int item, int worker)
    {
        for (var (row, end) = Blocks.Range(item); row < end; row++)
        {
            long start = (long)row * Blocks.Columns;
            var (maximum, logSum) = RowSoftmax.Run<TLanes>(Logits + start, Probabilities + start, Blocks.Columns);
            double loss = 0;
            for (int c = 0; c < Blocks.Columns; c++)
            {
                if (Targets[start + c] == 0) continue;
                double logP = Logits[start + c] - maximum - logSum;
                // 1 − exp(x) for x near 0 without cancellation is what keeps the loss of a sure row apart from 0.
                double rest = logP > -1e-3 ? -logP * (1 + logP / 2 * (1 + logP / 3)) : 1 - Math.Exp(logP);
                loss -= Targets[start + c] * (Focus == 0 ? logP : Math.Pow(rest, Focus) * logP);
            }
            Losses[row] = (float)loss;
        }
    }
}

/// <summary>scale·(t·h − p·Σ t·h) of a run of rows, h being p times the derivative by p.</summary>
internal unsafe struct FocalBackwardJob : IParallelJob
{
    public float* Probabilities, Targets, Gradient;
    public RowBlocks Blocks;
    public float Focus, Factor;

    public readonly void Run(int item, int worker)
    {
        for (var (row, end) = Blocks.Range(item); row < end; row++)
        {
            float* p = Probabilities + (long)row * Blocks.Columns, t = Targets + (long)row * Blocks.Columns, gradient = Gradient + (long)row * Blocks.Columns;
            double sum = 0;
            for (int c = 0; c < Blocks.Columns; c++) sum += t[c] == 0 ? 0 : t[c] * Slope(p[c]);
            for (int c = 0; c < Blocks.Columns; c++) gradient[c] = (float)(Factor * ((t[c] == 0 ? 0 : t[c] * Slope(p[c])) - (sum == 0 ? 0 : p[c] * sum)));
        }
    }

    private readonly double Slope(double p)
    {
        if (Focus == 0) return -1;
        double rest = 1 - p;
        // At its ends the function is 0 and −1; the logarithm and the power are not.
        if (rest <= 0) return 0;
        return (p > 0 ? Focus * p * Math.Pow(rest, Focus - 1) * Math.Log(p) : 0) - Math.Pow(rest, Focus);
    }
}
