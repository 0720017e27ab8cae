namespace IlgpuSpp.Data;

/// <summary>Eigenvalues and eigenvectors of a small symmetric matrix, by cyclic Jacobi rotations.</summary>
internal static class SymmetricEigen
{
    private const int MaxSweeps = 50;

    /// <summary>Solves the matrix.</summary>
    /// <param name="matrix"><c>[n, n]</c>, row-major, symmetric.</param>
    /// <param name="n">Its side.</param>
    /// <returns>The eigenvalues, largest first, and their eigenvectors of length 1 whose largest component is positive.</returns>
    public static (double[] Values, double[][] Vectors) Solve(ReadOnlySpan<double> matrix, int n)
    {
        double[] a = matrix.ToArray();
        double[] v = new double[n * n];
        for (int i = 0; i < n; i++) v[i * n + i] = 1;

        for (int sweep = 0; sweep < MaxSweeps && OffDiagonal(a, n) > 0; sweep++)
        {
            for (int p = 0; p < n - 1; p++)
            {
                for (int q = p + 1; q < n; q++) Rotate(a, v, n, p, q);
            }
        }

        int[] order = [.. Enumerable.Range(0, n).OrderByDescending(i => a[i * n + i])];
        double[] values = [.. order.Select(i => a[i * n + i])];
        double[][] vectors = [.. order.Select(i => Oriented([.. Enumerable.Range(0, n).Select(row => v[row * n + i])]))];
        return (values, vectors);
    }

    private static double OffDiagonal(double[] a, int n)
    {
        double sum = 0;
        for (int p = 0; p < n; p++)
        {
            for (int q = p + 1; q < n; q++) sum += a[p * n + q] * a[p * n + q];
        }
        return sum;
    }

    // Makes a[p, q] zero: tan of the angle is the smaller root of t² + 2θt − 1 with θ = (a_qq − a_pp) / 2a_pq.
    private static void Rotate(double[] a, double[] v, int n, int p, int q)
    {
        double apq = a[p * n + q];
        if (apq == 0) return;
        double theta = (a[q * n + q] - a[p * n + p]) / (2 * apq);
        double t = (theta >= 0 ? 1 : -1) / (Math.Abs(theta) + Math.Sqrt(theta * theta + 1));
        double c = 1 / Math.Sqrt(t * t + 1), s = t * c;
        for (int k = 0; k < n; k++)
        {
            double akp = a[k * n + p], akq = a[k * n + q];
            a[k * n + p] = c * akp - s * akq;
            a[k * n + q] = s * akp + c * akq;
        }
        for (int k = 0; k < n; k++)
        {
            double apk = a[p * n + k], aqk = a[q * n + k];
            a[p * n + k] = c * apk - s * aqk;
            a[q * n + k] = s * apk + c * aqk;
            double vkp = v[k * n + p], vkq = v[k * n + q];
            v[k * n + p] = c * vkp - s * vkq;
            v[k * n + q] = s * vkp + c * vkq;
        }
        a[p * n + q] = a[q * n + p] = 0;
    }

    private static double[] Oriented(double[] vector)
    {
        double largest = vector.MaxBy(Math.Abs);
        return largest < 0 ? [.. vector.Select(x => -x)] : vector;
    }
}
