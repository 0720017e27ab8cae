namespace IlgpuSpp.Engine.Cpu;

/// <summary>Smooth L1 loss of a run of rows.</summary>
internal unsafe struct SmoothL1ForwardJob : IParallelJob
{
    public float* Predictions, Targets, Weights, Losses;
    public int Rows, Columns, RowsPerItem;
    public float Beta;

    public readonly void Run(int item, int worker)
    {
        int end = Math.Min((item + 1) * RowsPerItem, Rows);
        for (int row = item * RowsPerItem; row < end; row++)
        {
            long at = (long)row * Columns;
            double loss = 0;
            for (int c = 0; c < Columns; c++)
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
    public int Rows, Columns, RowsPerItem;
    public float Beta, Factor;

    public readonly void Run(int item, int worker)
    {
        long start = (long)item * RowsPerItem * Columns, end = Math.Min(start + (long)RowsPerItem * Columns, (long)Rows * Columns);
        for (long i = start; i < end; i++)
        {
            float d = Predictions[i] - Targets[i];
            float slope = MathF.Abs(d) < Beta ? d / Beta : float.IsNaN(d) ? d : MathF.Sign(d);
            Gradient[i] = Factor * Weights[i] * slope;
        }
    }
}
