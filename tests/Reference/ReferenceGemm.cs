namespace IlgpuSpp.Reference;

/// <summary>Matrix products by their definition, in double precision.</summary>
public static class ReferenceGemm
{
    /// <summary>
    /// α·op(A)·op(B) + β·C, and beside it the same sum over absolute values, against which rounding errors are measured.
    /// All matrices are row-major as they lie in memory.
    /// </summary>
    public static (double[] Value, double[] Magnitude) Multiply(
        bool transposeA, bool transposeB, double alpha, float[] a, float[] b, double beta, float[] c, int m, int n, int k)
    {
        var value = new double[m * n];
        var magnitude = new double[m * n];
        for (int i = 0; i < m; i++)
            for (int j = 0; j < n; j++)
            {
                double sum = 0, size = 0;
                for (int p = 0; p < k; p++)
                {
                    double term = (double)a[transposeA ? p * m + i : i * k + p] * b[transposeB ? j * k + p : p * n + j];
                    sum += term;
                    size += Math.Abs(term);
                }
                double old = beta == 0 ? 0 : beta * c[i * n + j];
                value[i * n + j] = alpha * sum + old;
                magnitude[i * n + j] = Math.Abs(alpha) * size + Math.Abs(old);
            }
        return (value, magnitude);
    }
}
