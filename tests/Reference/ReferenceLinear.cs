namespace IlgpuSpp.Reference;

/// <summary>Fully connected layers by their definition, in double precision. x: [n, in], w: [out, in], y: [n, out].</summary>
public static class ReferenceLinear
{
    /// <summary>x·wᵀ + bias, with the sum of absolute values beside it.</summary>
    public static (double[] Value, double[] Magnitude) Forward(float[] x, float[] w, float[]? bias, int rows, int inputs, int outputs)
    {
        var value = new double[rows * outputs];
        var magnitude = new double[rows * outputs];
        for (int r = 0; r < rows; r++)
            for (int o = 0; o < outputs; o++)
            {
                double sum = bias?[o] ?? 0, size = Math.Abs(sum);
                for (int i = 0; i < inputs; i++)
                {
                    double term = (double)x[r * inputs + i] * w[o * inputs + i];
                    sum += term;
                    size += Math.Abs(term);
                }
                value[r * outputs + o] = sum;
                magnitude[r * outputs + o] = size;
            }
        return (value, magnitude);
    }

    /// <summary>dy·w.</summary>
    public static (double[] Value, double[] Magnitude) InputGradient(float[] dy, float[] w, int rows, int inputs, int outputs) =>
        ReferenceGemm.Multiply(false, false, 1, dy, w, 0, [], rows, inputs, outputs);

    /// <summary>old + dyᵀ·x.</summary>
    public static (double[] Value, double[] Magnitude) WeightGradient(float[] x, float[] dy, float[] old, int rows, int inputs, int outputs) =>
        ReferenceGemm.Multiply(true, false, 1, dy, x, 1, old, outputs, inputs, rows);

    /// <summary>old + Σ rows of dy.</summary>
    public static (double[] Value, double[] Magnitude) BiasGradient(float[] dy, float[] old, int rows, int outputs)
    {
        var value = new double[outputs];
        var magnitude = new double[outputs];
        for (int o = 0; o < outputs; o++)
        {
            value[o] = old[o];
            magnitude[o] = Math.Abs(old[o]);
            for (int r = 0; r < rows; r++)
            {
                value[o] += dy[r * outputs + o];
                magnitude[o] += Math.Abs(dy[r * outputs + o]);
            }
        }
        return (value, magnitude);
    }
}
