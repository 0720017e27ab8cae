using IlgpuSpp.Engine;

namespace IlgpuSpp.Reference;

/// <summary>Parameter updates of one scalar in double precision.</summary>
public static class ReferenceOptimiser
{
    /// <summary>One step of SGD in Caffe's order; returns the new weight and velocity.</summary>
    public static (double W, double V) Sgd(double w, double g, double v, SgdStep step, double rateMultiplier, double decayMultiplier)
    {
        g = step.GradientScale * g + step.WeightDecay * decayMultiplier * w;
        double next = step.Momentum * v + step.LearningRate * rateMultiplier * g;
        return (w - (step.Nesterov ? (1 + step.Momentum) * next - step.Momentum * v : next), next);
    }

    /// <summary>One step of AdamW; returns the new weight, mean and uncentred variance.</summary>
    public static (double W, double M, double V) AdamW(double w, double g, double m, double v, AdamWStep step, double rateMultiplier, double decayMultiplier)
    {
        g *= step.GradientScale;
        m = step.Beta1 * (double)m + (1.0 - step.Beta1) * g;
        v = step.Beta2 * (double)v + (1.0 - step.Beta2) * g * g;
        double mean = m / (1 - Math.Pow(step.Beta1, step.Step)), variance = v / (1 - Math.Pow(step.Beta2, step.Step));
        double rate = step.LearningRate * rateMultiplier;
        return (w - rate * (mean / (Math.Sqrt(variance) + step.Epsilon) + step.WeightDecay * decayMultiplier * w), m, v);
    }
}
