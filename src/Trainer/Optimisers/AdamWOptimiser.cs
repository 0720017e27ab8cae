using IlgpuSpp.Engine;
using IlgpuSpp.Layers;

namespace IlgpuSpp.Training;

/// <summary>AdamW (<see cref="Backend.AdamWUpdate"/>).</summary>
/// <param name="backend">Where the parameters lie.</param>
/// <param name="parameters">Parameters that are prepared for training; those without a gradient are left alone.</param>
/// <param name="beta1">Decay of the mean, in [0, 1).</param>
/// <param name="beta2">Decay of the variance, in [0, 1).</param>
/// <param name="epsilon">Added to the root, above 0.</param>
/// <param name="weightDecay">Weight decay, at least 0.</param>
public sealed class AdamWOptimiser(Backend backend, IEnumerable<Parameter> parameters, double beta1, double beta2, double epsilon, double weightDecay) : Optimiser(backend, parameters, "mean", "variance")
{
    private protected override void Apply(ReadOnlySpan<OptimiserSlot> slots, float learningRate, float gradientScale) =>
        Backend.AdamWUpdate(slots, new AdamWStep(learningRate, (float)beta1, (float)beta2, (float)epsilon, (float)weightDecay, checked((int)Updates), gradientScale, ClearGradient: true));
}
