using IlgpuSpp.Engine;
using IlgpuSpp.Layers;

namespace IlgpuSpp.Training;

/// <summary>Stochastic gradient descent with momentum and weight decay, in Caffe's order (<see cref="Backend.SgdUpdate"/>).</summary>
/// <param name="backend">Where the parameters lie.</param>
/// <param name="parameters">Parameters that are prepared for training; those without a gradient are left alone.</param>
/// <param name="momentum">Share of the velocity kept, in [0, 1).</param>
/// <param name="weightDecay">Weight decay, at least 0.</param>
/// <param name="nesterov">Whether the step looks ahead along the velocity.</param>
public sealed class SgdOptimiser(Backend backend, IEnumerable<Parameter> parameters, double momentum, double weightDecay, bool nesterov = false) : Optimiser(backend, parameters, "velocity")
{
    private protected override void Apply(ReadOnlySpan<OptimiserSlot> slots, float learningRate, float gradientScale) =>
        Backend.SgdUpdate(slots, new SgdStep(learningRate, (float)momentum, (float)weightDecay, nesterov, gradientScale, ClearGradient: true));
}
