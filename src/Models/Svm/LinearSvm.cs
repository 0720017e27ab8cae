namespace IlgpuSpp.Models;

/// <summary>
/// Linear support vector machines with an L2-regularised bias feature, trained by dual coordinate descent with shrinking
/// (Hsieh, Chang, Lin, Keerthi and Sundararajan, "A dual coordinate descent method for large-scale linear SVM", ICML 2008, algorithm 3).
/// </summary>
public static class LinearSvm
{
    /// <summary>Trains one classifier for each class, that class against the rest, several classes at a time.</summary>
    /// <param name="examples">Rows of features, all of one length; not changed.</param>
    /// <param name="labels">The class of each row.</param>
    /// <param name="classes">Number of classes, at least 1.</param>
    /// <param name="options">Loss, cost, bias.</param>
    /// <param name="threads">Classes that are trained at the same time; the result does not depend on it.</param>
    /// <param name="cancellation">Stops the training.</param>
    /// <returns>The classifiers, in the order of the classes.</returns>
    /// <exception cref="ArgumentException">The rows have different lengths, or an option cannot work.</exception>
    /// <exception cref="OperationCanceledException">The training was stopped.</exception>
    public static LinearClassifier[] TrainOneVersusRest(IReadOnlyList<float[]> examples, IReadOnlyList<int> labels, int classes, LinearSvmOptions options, int threads, CancellationToken cancellation = default)
    {
        if (labels.Count != examples.Count) throw new ArgumentException($"There are {examples.Count} examples, but {labels.Count} labels.", nameof(labels));
        return TrainEach(examples, classes, (row, c) => labels[row] == c, options, threads, cancellation);
    }

    /// <summary>Trains one classifier for each class on labels that need not exclude each other.</summary>
    /// <param name="examples">Rows of features, all of one length; not changed.</param>
    /// <param name="classes">Number of classes, at least 1.</param>
    /// <param name="side">Whether a row is a positive example of a class (row, class); null leaves the row out of that class's training.</param>
    /// <param name="options">Loss, cost, bias.</param>
    /// <param name="threads">Classes that are trained at the same time; the result does not depend on it.</param>
    /// <param name="cancellation">Stops the training.</param>
    /// <returns>The classifiers, in the order of the classes.</returns>
    /// <exception cref="ArgumentException">The rows have different lengths, or an option cannot work.</exception>
    /// <exception cref="OperationCanceledException">The training was stopped.</exception>
    public static LinearClassifier[] TrainEach(IReadOnlyList<float[]> examples, int classes, Func<int, int, bool?> side, LinearSvmOptions options, int threads, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(classes, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        options.Check();
        double[] norms = SquaredNorms(examples, threads);
        var classifiers = new LinearClassifier[classes];
        Parallel.For(0, classes, new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellation }, c =>
        {
            int[] rows = [.. Enumerable.Range(0, examples.Count).Where(row => side(row, c) is not null)];
            if (rows.Length == 0) throw new ArgumentException($"Class {c} has no examples.", nameof(examples));
            bool[] positive = [.. rows.Select(row => side(row, c) == true)];
            var problem = new DualProblem([.. rows.Select(row => examples[row])], [.. rows.Select(row => norms[row])], positive, options);
            classifiers[c] = problem.Solve(cancellation);
        });
        return classifiers;
    }

    /// <summary>Trains one classifier.</summary>
    /// <param name="examples">Rows of features, all of one length; not changed.</param>
    /// <param name="positive">Whether each row is a positive example.</param>
    /// <param name="options">Loss, cost, bias.</param>
    /// <param name="cancellation">Stops the training.</param>
    /// <exception cref="ArgumentException">The rows have different lengths, or an option cannot work.</exception>
    /// <exception cref="OperationCanceledException">The training was stopped.</exception>
    public static LinearClassifier Train(IReadOnlyList<float[]> examples, IReadOnlyList<bool> positive, LinearSvmOptions options, CancellationToken cancellation = default)
    {
        if (positive.Count != examples.Count) throw new ArgumentException($"There are {examples.Count} examples, but {positive.Count} sides.", nameof(positive));
        return TrainEach(examples, 1, (row, _) => positive[row], options, 1, cancellation)[0];
    }

    private static double[] SquaredNorms(IReadOnlyList<float[]> examples, int threads)
    {
        if (examples.Count == 0) throw new ArgumentException("A support vector machine needs at least one example.", nameof(examples));
        int length = examples[0].Length;
        var norms = new double[examples.Count];
        Parallel.For(0, norms.Length, new ParallelOptions { MaxDegreeOfParallelism = threads }, row =>
        {
            if (examples[row].Length != length) throw new ArgumentException($"Example {row} has {examples[row].Length} features, but the first has {length}.", nameof(examples));
            double sum = 0;
            foreach (float value in examples[row]) sum += (double)value * value;
            if (!double.IsFinite(sum)) throw new ArgumentException($"Example {row} has a feature that is not finite.", nameof(examples));
            norms[row] = sum;
        });
        return norms;
    }
}

/// <summary>What a linear support vector machine pays for an example inside the margin; m is 1 − y·(w·x + b).</summary>
public enum SvmLoss
{
    /// <summary>max(0, m): liblinear's <c>-s 3</c>, which the paper's release uses.</summary>
    Hinge,

    /// <summary>max(0, m)²: liblinear's <c>-s 1</c>.</summary>
    SquaredHinge,
}

/// <summary>How a linear support vector machine is trained.</summary>
public sealed record LinearSvmOptions
{
    /// <summary>The loss.</summary>
    public SvmLoss Loss { get; init; }

    /// <summary>Cost of the loss, C, above 0.</summary>
    public double Cost { get; init; } = 1;

    /// <summary>Factor of the cost for positive examples, above 0.</summary>
    public double PositiveWeight { get; init; } = 1;

    /// <summary>Factor of the cost for negative examples, above 0.</summary>
    public double NegativeWeight { get; init; } = 1;

    /// <summary>Value of the feature that is added to every example and whose weight gives the bias (liblinear's <c>-B</c>); 0 for no bias.</summary>
    public double BiasFeature { get; init; } = 1;

    /// <summary>Training ends when the objective is within this share of its optimum, which the dual bounds from below; above 0.</summary>
    public double RelativeGap { get; init; } = 1e-4;

    /// <summary>Most passes over the examples, at least 1.</summary>
    public int MaximumPasses { get; init; } = 1000;

    /// <summary>Seed of the order of the examples.</summary>
    public ulong Seed { get; init; } = 1;

    internal void Check()
    {
        Positive(nameof(Cost), Cost);
        Positive(nameof(PositiveWeight), PositiveWeight);
        Positive(nameof(NegativeWeight), NegativeWeight);
        Positive(nameof(RelativeGap), RelativeGap);
        if (!(BiasFeature >= 0) || !double.IsFinite(BiasFeature)) throw new ArgumentException(FormattableString.Invariant($"{nameof(BiasFeature)} must be at least 0, but is {BiasFeature}."));
        if (MaximumPasses < 1) throw new ArgumentException($"{nameof(MaximumPasses)} must be at least 1, but is {MaximumPasses}.");
        if (!Enum.IsDefined(Loss)) throw new ArgumentException($"{nameof(Loss)} must be {SvmLoss.Hinge} or {SvmLoss.SquaredHinge}, but is {Loss}.");
    }

    private static void Positive(string name, double value)
    {
        if (!(value > 0) || !double.IsFinite(value)) throw new ArgumentException(FormattableString.Invariant($"{name} must be above 0, but is {value}."));
    }
}

/// <summary>A hyperplane: an example's score is w·x + b.</summary>
/// <param name="Weights">w, one for each feature.</param>
/// <param name="Bias">b.</param>
/// <param name="Passes">Passes over the examples that training took.</param>
/// <param name="Objective">What training minimised: ½‖w‖² + ½(b/B)² + Σ C·c·loss, B being the bias feature and c the weight of the example's side.</param>
public sealed record LinearClassifier(float[] Weights, float Bias, int Passes, double Objective)
{
    /// <summary>The score of an example, positive on the positive side.</summary>
    /// <param name="features">x, as long as <see cref="Weights"/>.</param>
    /// <exception cref="ArgumentException">The example has another length.</exception>
    public double Score(ReadOnlySpan<float> features)
    {
        if (features.Length != Weights.Length) throw new ArgumentException($"The classifier takes {Weights.Length} features, but the example has {features.Length}.", nameof(features));
        return Bias + VectorSums.Dot(features, Weights);
    }
}
