namespace IlgpuSpp.Training;

/// <summary>Which of two equal systems ridge regression solves.</summary>
internal enum RidgeForm
{
    /// <summary>The smaller of the two.</summary>
    Auto,

    /// <summary>(XᵀX + λI)·β = Xᵀ·Y, of the size of the features.</summary>
    Primal,

    /// <summary>β = Xᵀ·(XXᵀ + λI)⁻¹·Y, of the size of the examples.</summary>
    Dual,
}

/// <summary>Linear least squares with a penalty λ‖β‖² on all weights, that of the constant feature included, as the release has it.</summary>
internal static class RidgeRegression
{
    /// <summary>Solves for the weights.</summary>
    /// <param name="examples">Rows x of features, all of one length d; a constant 1 is added to each.</param>
    /// <param name="targets">Rows of targets, one for each example, all of one length t.</param>
    /// <param name="lambda">λ, above 0.</param>
    /// <param name="form">Which system is solved; the results are equal but for rounding.</param>
    /// <returns>Weights <c>[t][d + 1]</c>, the constant's last.</returns>
    /// <exception cref="ArgumentException">There are no examples, or their numbers do not fit.</exception>
    public static double[][] Solve(IReadOnlyList<float[]> examples, IReadOnlyList<double[]> targets, double lambda, RidgeForm form = RidgeForm.Auto)
    {
        if (examples.Count == 0 || examples.Count != targets.Count) throw new ArgumentException($"There are {examples.Count} examples and {targets.Count} targets; there must be one for each, and at least one.", nameof(examples));
        if (!(lambda > 0)) throw new ArgumentException("The penalty must be above 0.", nameof(lambda));
        int n = examples.Count, d = examples[0].Length + 1;
        return (form == RidgeForm.Auto ? n < d : form == RidgeForm.Dual) ? Dual(examples, targets, lambda) : Primal(examples, targets, lambda);
    }

    private static double[][] Dual(IReadOnlyList<float[]> examples, IReadOnlyList<double[]> targets, double lambda)
    {
        int n = examples.Count, d = examples[0].Length, outputs = targets[0].Length;
        var gram = new double[n][];
        Parallel.For(0, n, i =>
        {
            var row = new double[i + 1];
            for (int j = 0; j <= i; j++) row[j] = VectorSums.Dot(examples[i].AsSpan(), examples[j].AsSpan()) + 1;
            row[i] += lambda;
            gram[i] = row;
        });
        double[][] alpha = [.. targets.Select(row => (double[])row.Clone())];
        CholeskySolver.Solve(gram, alpha, outputs);
        var weights = new double[outputs][];
        for (int t = 0; t < outputs; t++)
        {
            var beta = new double[d + 1];
            for (int i = 0; i < n; i++)
            {
                double a = alpha[i][t];
                float[] x = examples[i];
                for (int k = 0; k < d; k++) beta[k] += a * x[k];
                beta[d] += a;
            }
            weights[t] = beta;
        }
        return weights;
    }

    private static double[][] Primal(IReadOnlyList<float[]> examples, IReadOnlyList<double[]> targets, double lambda)
    {
        var sums = new RidgeSums(examples[0].Length, targets[0].Length);
        sums.Add(examples, targets);
        return sums.Solve(lambda, (sum, _) => sum);
    }
}

/// <summary>The normal equations of a regression, added up block by block: XᵀX and XᵀY, a constant 1 behind the features.</summary>
internal sealed class RidgeSums
{
    private readonly double[][] _covariance, _right;
    private readonly int _features;

    /// <summary>Sums of no examples.</summary>
    /// <param name="features">Features, d.</param>
    /// <param name="outputs">Targets of an example.</param>
    public RidgeSums(int features, int outputs)
    {
        _features = features;
        _covariance = [.. Enumerable.Range(0, features + 1).Select(k => new double[k + 1])];
        _right = [.. Enumerable.Range(0, features + 1).Select(_ => new double[outputs])];
    }

    /// <summary>Adds examples.</summary>
    public void Add(IReadOnlyList<float[]> examples, IReadOnlyList<double[]> targets)
    {
        int n = examples.Count, d = _features + 1;
        var columns = new double[d][];
        for (int k = 0; k < d; k++)
        {
            columns[k] = new double[n];
            for (int i = 0; i < n; i++) columns[k][i] = k < _features ? examples[i][k] : 1;
        }
        Parallel.For(0, d, k =>
        {
            for (int j = 0; j <= k; j++) _covariance[k][j] += VectorSums.Dot(columns[k].AsSpan(), columns[j].AsSpan());
            for (int t = 0; t < _right[k].Length; t++)
                for (int i = 0; i < n; i++) _right[k][t] += columns[k][i] * targets[i][t];
        });
    }

    /// <summary>Solves (XᵀX + λI)·β = XᵀY for the targets as they become known when all are there. The sums are used up.</summary>
    /// <param name="lambda">λ, above 0.</param>
    /// <param name="whiten">A row of XᵀY, Σ x·y, and Σ x to the same of the changed targets.</param>
    /// <returns>Weights <c>[outputs][d + 1]</c>, the constant's last.</returns>
    public double[][] Solve(double lambda, Func<double[], double, double[]> whiten)
    {
        double[][] right = [.. _right.Select((row, k) => whiten(row, _covariance[_features][k]))];
        for (int k = 0; k <= _features; k++) _covariance[k][k] += lambda;
        CholeskySolver.Solve(_covariance, right, right[0].Length);
        return [.. Enumerable.Range(0, right[0].Length).Select(t => right.Select(row => row[t]).ToArray())];
    }
}
