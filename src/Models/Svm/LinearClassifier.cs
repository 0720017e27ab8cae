namespace IlgpuSpp.Models;

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
        double sum = Bias;
        for (int i = 0; i < features.Length; i++) sum += (double)features[i] * Weights[i];
        return sum;
    }
}
