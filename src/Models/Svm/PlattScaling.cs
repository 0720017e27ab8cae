namespace IlgpuSpp.Models;

/// <summary>
/// Probabilities from the scores of a classifier (Platt, "Probabilistic outputs for support vector machines", 1999): P = 1 / (1 + exp(A·score + B)).
/// </summary>
/// <param name="A">Slope; below 0 where higher scores are surer.</param>
/// <param name="B">Offset.</param>
public readonly record struct PlattScaling(double A, double B)
{
    private const int MostIterations = 100;
    private const double Ridge = 1e-12, LeastGradient = 1e-9, LeastStep = 1e-10, Decrease = 1e-4;

    /// <summary>The probability, 0 to 1, that what has this score is on the positive side.</summary>
    /// <param name="score">The score.</param>
    public double Probability(double score)
    {
        double z = A * score + B;
        // The exponential of a large number is infinite.
        return z >= 0 ? Math.Exp(-z) / (1 + Math.Exp(-z)) : 1 / (1 + Math.Exp(z));
    }

    /// <summary>
    /// The likeliest A and B for scores whose sides are known, by Newton's method with backtracking (Lin, Lin and Weng, "A note on Platt's probabilistic outputs
    /// for support vector machines", 2007, algorithm 1). With P positive examples and N others the targets are (P + 1)/(P + 2) and 1/(N + 2) in the place of 1 and 0 (Platt, section 2.2.1).
    /// </summary>
    /// <param name="scores">Scores of examples that the classifier was not trained on, at least one; finite.</param>
    /// <param name="positive">The side of each.</param>
    /// <exception cref="ArgumentException">There are no scores, or not as many sides, or one is not finite.</exception>
    public static PlattScaling Fit(IReadOnlyList<double> scores, IReadOnlyList<bool> positive)
    {
        if (scores.Count == 0 || positive.Count != scores.Count) throw new ArgumentException($"There are {scores.Count} scores and {positive.Count} sides; there must be as many of each, at least one.", nameof(positive));
        if (scores.FirstOrDefault(score => !double.IsFinite(score), 0) is var bad && bad != 0) throw new ArgumentException($"A score is {bad}; scores must be finite.", nameof(scores));
        int positives = positive.Count(side => side), negatives = positive.Count - positives;
        double[] targets = [.. positive.Select(side => side ? (positives + 1.0) / (positives + 2) : 1 / (negatives + 2.0))];
        var fit = new PlattScaling(0, Math.Log((negatives + 1.0) / (positives + 1)));
        double loss = fit.Loss(scores, targets);
        for (int iteration = 0; iteration < MostIterations; iteration++)
        {
            (double h11, double h22, double h21, double g1, double g2) = (Ridge, Ridge, 0, 0, 0);
            for (int i = 0; i < targets.Length; i++)
            {
                double score = scores[i], p = fit.Probability(score), weight = p * (1 - p), error = targets[i] - p;
                h11 += score * score * weight;
                h22 += weight;
                h21 += score * weight;
                g1 += score * error;
                g2 += error;
            }
            if (Math.Abs(g1) < LeastGradient && Math.Abs(g2) < LeastGradient) break;
            double determinant = h11 * h22 - h21 * h21;
            double stepA = -(h22 * g1 - h21 * g2) / determinant, stepB = -(h11 * g2 - h21 * g1) / determinant, slope = g1 * stepA + g2 * stepB;
            double step = 1;
            for (; step >= LeastStep; step /= 2)
            {
                var tried = new PlattScaling(fit.A + step * stepA, fit.B + step * stepB);
                double triedLoss = tried.Loss(scores, targets);
                if (!(triedLoss < loss + Decrease * step * slope)) continue;
                (fit, loss) = (tried, triedLoss);
                break;
            }
            if (step < LeastStep) break;
        }
        return fit;
    }

    // The cross entropy, in a form that neither overflows nor takes the logarithm of 0.
    private double Loss(IReadOnlyList<double> scores, double[] targets)
    {
        double sum = 0;
        for (int i = 0; i < targets.Length; i++)
        {
            double z = A * scores[i] + B;
            sum += z >= 0 ? targets[i] * z + Math.Log(1 + Math.Exp(-z)) : (targets[i] - 1) * z + Math.Log(1 + Math.Exp(z));
        }
        return sum;
    }
}
