namespace IlgpuSpp.Reference;

/// <summary>Gradients by central differences of a function in double precision.</summary>
public static class FiniteDifferences
{
    /// <summary>The gradient of Σ weights·f(x) with respect to x.</summary>
    /// <param name="f">A function that is differentiable around x.</param>
    /// <param name="x">Where the gradient is taken.</param>
    /// <param name="weights">The gradient of the scalar with respect to f's results.</param>
    /// <param name="step">Distance to each side; no kink may lie within it.</param>
    public static double[] Gradient(Func<double[], double[]> f, double[] x, double[] weights, double step = 1e-4)
    {
        var gradient = new double[x.Length];
        var moved = (double[])x.Clone();
        for (int i = 0; i < x.Length; i++)
        {
            moved[i] = x[i] + step;
            double[] above = f(moved);
            moved[i] = x[i] - step;
            double[] below = f(moved);
            moved[i] = x[i];
            for (int k = 0; k < weights.Length; k++) gradient[i] += weights[k] * (above[k] - below[k]) / (2 * step);
        }
        return gradient;
    }
}
