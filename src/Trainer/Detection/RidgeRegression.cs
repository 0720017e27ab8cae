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
        int n = examples.Count, d = examples[0].Length + 1, outputs = targets[0].Length;
        var columns = new double[d][];
        for (int k = 0; k < d; k++)
        {
            columns[k] = new double[n];
            for (int i = 0; i < n; i++) columns[k][i] = k < d - 1 ? examples[i][k] : 1;
        }
        var covariance = new double[d][];
        var right = new double[d][];
        Parallel.For(0, d, k =>
        {
            var row = new double[k + 1];
            for (int j = 0; j <= k; j++) row[j] = VectorSums.Dot(columns[k].AsSpan(), columns[j].AsSpan());
            row[k] += lambda;
            covariance[k] = row;
            right[k] = new double[outputs];
            for (int t = 0; t < outputs; t++)
                for (int i = 0; i < n; i++) right[k][t] += columns[k][i] * targets[i][t];
        });
        CholeskySolver.Solve(covariance, right, outputs);
        return [.. Enumerable.Range(0, outputs).Select(t => right.Select(row => row[t]).ToArray())];
    }
}
