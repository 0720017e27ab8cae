namespace IlgpuSpp.Engine.Cpu;

/// <summary>Smooth L1 loss of a run of rows.</summary>
internal unsafe struct SmoothL1ForwardJob : IParallelJob
{
    public float* Predictions, Targets, Weights, Losses;
    public RowBlocks Blocks;
    public float Beta;

    public readonly void Run(int item, int worker)
    {
        for (var (row, end) = Blocks.Range(item); row < end; row++)
        {
            long at = (long)row * Blocks.Columns;
            double loss = 0;
            for (int c = 0; c < Blocks.Columns; c++)
            {
                double d = Math.Abs((double)Predictions[at + c] - Targets[at + c]);
                loss += Weights[at + c] * (d < Beta ? 0.5 * d * d / Beta : d - 0.5 * Beta);
            }
            Losses[row] = (float)loss;
        }
    }
}

/// <summary>Gradient of the smooth L1 loss of a run of rows.</summary>
internal unsafe struct SmoothL1BackwardJob : IParallelJob
{
    public float* Predictions, Targets, Weights, Gradient;
    public RowBlocks Blocks;
    public float Beta, Factor;

    public readonly void Run(int item, int worker)
    {
        var (first, last) = Blocks.Range(item);
        for (long i = (long)first * Blocks.Columns; i < (long)last * Blocks.Columns; i++)
        {
            float d = Predictions[i] - Targets[i];
            float slope = MathF.Abs(d) < Beta ? d / Beta : float.IsNaN(d) ? d : MathF.Sign(d);
            Gradient[i] = Factor * Weights[i] * slope;
        }
    }
}
