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
        var covariance = new double[Size * Size];
        foreach (double[] row in targets)
            for (int i = 0; i < Size; i++)
                for (int j = 0; j < Size; j++) covariance[i * Size + j] += (row[i] - Mean[i]) * (row[j] - Mean[j]) / targets.Count;
        (double[] values, double[][] vectors) = SymmetricEigen.Solve(covariance, Size);
        _forward = Compose(vectors, k => 1 / Math.Sqrt(Math.Max(values[k], 0) + Floor));
        _back = Compose(vectors, k => Math.Sqrt(Math.Max(values[k], 0) + Floor));
    }

    /// <summary>μ.</summary>
    public double[] Mean { get; }

    /// <summary>(t − w·μ)·T: a target with w = 1, a sum of targets with the sum of their weights.</summary>
    public double[] Whiten(double[] sum, double weight)
    {
        var result = new double[Size];
        for (int i = 0; i < Size; i++)
            for (int j = 0; j < Size; j++) result[i] += _forward[i, j] * (sum[j] - weight * Mean[j]);
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

    private static double[,] Compose(double[][] vectors, Func<int, double> value)
    {
        var result = new double[Size, Size];
        for (int i = 0; i < Size; i++)
            for (int j = 0; j < Size; j++)
                for (int k = 0; k < Size; k++) result[i, j] += vectors[k][i] * value(k) * vectors[k][j];
        return result;
    }
}
