namespace IlgpuSpp.Training;

/// <summary>Symmetric positive definite systems in double precision.</summary>
internal static class CholeskySolver
{
    /// <summary>Solves A·X = B. A is overwritten by its factor, B by X.</summary>
    /// <param name="a">A, <c>[n, n]</c>; only the lower triangle is read.</param>
    /// <param name="b">B, <c>[n, columns]</c>.</param>
    /// <param name="columns">Columns of B.</param>
    /// <exception cref="ArithmeticException">A is not positive definite.</exception>
    public static void Solve(double[][] a, double[][] b, int columns)
    {
        int n = a.Length;
        for (int i = 0; i < n; i++)
        {
            double[] row = a[i];
            for (int j = 0; j <= i; j++)
            {
                double sum = row[j] - Dot(row, a[j], j);
                if (j < i)
                {
                    row[j] = sum / a[j][j];
                }
                else
                {
                    if (!(sum > 0)) throw new ArithmeticException($"The matrix is not positive definite at row {i}; raise the regularisation.");
                    row[i] = Math.Sqrt(sum);
                }
            }
        }
        for (int column = 0; column < columns; column++)
        {
            for (int i = 0; i < n; i++)
            {
                double sum = b[i][column];
                for (int k = 0; k < i; k++) sum -= a[i][k] * b[k][column];
                b[i][column] = sum / a[i][i];
            }
            for (int i = n - 1; i >= 0; i--)
            {
                double sum = b[i][column];
                for (int k = i + 1; k < n; k++) sum -= a[k][i] * b[k][column];
                b[i][column] = sum / a[i][i];
            }
        }
    }

    private static double Dot(double[] x, double[] y, int count) => VectorSums.Dot(x.AsSpan(0, count), y.AsSpan(0, count));
}
