namespace IlgpuSpp.Training;

/// <summary>Centres and whitens the four regression targets of a class: T = V·diag(1/√(D + 0.001))·Vᵀ with the eigenvalues D of their covariance (divided by N), as the release does.</summary>
internal sealed class TargetWhitening
{
    private const int Size = BoxEncoding.Length;
    private const double Floor = 0.001;

    private readonly double[,] _forward, _back;

    public TargetWhitening(IReadOnlyList<double[]> targets)
    {
        Mean = new double[Size];
        foreach (double[] row in targets)
            for (int i = 0; i < Size; i++) Mean[i] += row[i] / targets.Count;
        var covariance = new double[Size, Size];
        foreach (double[] row in targets)
            for (int i = 0; i < Size; i++)
                for (int j = 0; j < Size; j++) covariance[i, j] += (row[i] - Mean[i]) * (row[j] - Mean[j]) / targets.Count;
        double[,] vectors = Diagonalise(covariance);
        _forward = Compose(vectors, i => 1 / Math.Sqrt(Math.Max(covariance[i, i], 0) + Floor));
        _back = Compose(vectors, i => Math.Sqrt(Math.Max(covariance[i, i], 0) + Floor));
    }

    /// <summary>μ.</summary>
    public double[] Mean { get; }

    /// <summary>(t − μ)·T.</summary>
    public double[] Whiten(double[] target)
    {
        var result = new double[Size];
        for (int i = 0; i < Size; i++)
            for (int j = 0; j < Size; j++) result[i] += _forward[i, j] * (target[j] - Mean[j]);
        return result;
    }

    /// <summary>Weights that predict whitened targets, turned into weights that predict the targets themselves.</summary>
    /// <param name="weights">Weights <c>[4][d + 1]</c>, the constant's last.</param>
    public double[][] Unwhiten(double[][] weights)
    {
        int length = weights[0].Length;
        var result = new double[Size][];
        for (int i = 0; i < Size; i++)
        {
            result[i] = new double[length];
            for (int j = 0; j < Size; j++)
                for (int k = 0; k < length; k++) result[i][k] += _back[i, j] * weights[j][k];
            result[i][^1] += Mean[i];
        }
        return result;
    }

    // Jacobi's rotations; leaves the eigenvalues on the diagonal and returns the vectors as columns.
    private static double[,] Diagonalise(double[,] a)
    {
        var v = new double[Size, Size];
        for (int i = 0; i < Size; i++) v[i, i] = 1;
        for (int sweep = 0; sweep < 50; sweep++)
        {
            for (int p = 0; p < Size; p++)
            {
                for (int q = p + 1; q < Size; q++)
                {
                    if (Math.Abs(a[p, q]) < 1e-300) continue;
                    double theta = (a[q, q] - a[p, p]) / (2 * a[p, q]);
                    double t = (theta >= 0 ? 1 : -1) / (Math.Abs(theta) + Math.Sqrt(theta * theta + 1));
                    double c = 1 / Math.Sqrt(t * t + 1), s = t * c;
                    for (int k = 0; k < Size; k++) (a[k, p], a[k, q]) = (c * a[k, p] - s * a[k, q], s * a[k, p] + c * a[k, q]);
                    for (int k = 0; k < Size; k++) (a[p, k], a[q, k]) = (c * a[p, k] - s * a[q, k], s * a[p, k] + c * a[q, k]);
                    for (int k = 0; k < Size; k++) (v[k, p], v[k, q]) = (c * v[k, p] - s * v[k, q], s * v[k, p] + c * v[k, q]);
                }
            }
        }
        return v;
    }

    private static double[,] Compose(double[,] vectors, Func<int, double> value)
    {
        var result = new double[Size, Size];
        for (int i = 0; i < Size; i++)
            for (int j = 0; j < Size; j++)
                for (int k = 0; k < Size; k++) result[i, j] += vectors[i, k] * value(k) * vectors[j, k];
        return result;
    }
}
