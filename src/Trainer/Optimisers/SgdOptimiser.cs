using IlgpuSpp.Engine;
using IlgpuSpp.Layers;

namespace IlgpuSpp.Training;

/// <summary>Stochastic gradient descent with momentum and weight decay, in Caffe's order (<see cref="Backend.SgdUpdate"/>).</summary>
/// <param name="network">The network, prepared for training.</param>
/// <param name="momentum">Share of the velocity kept, in [0, 1).</param>
/// <param name="weightDecay">Weight decay, at least 0.</param>
/// <param name="nesterov">Whether the step looks ahead along the velocity.</param>
public sealed class SgdOptimiser(Network network, double momentum, double weightDecay, bool nesterov = false) : Optimiser(network, "velocity")
{
    private protected override void Apply(ReadOnlySpan<OptimiserSlot> slots, float learningRate, float gradientScale) =>
        Backend.SgdUpdate(slots, new SgdStep(learningRate, (float)momentum, (float)weightDecay, nesterov, gradientScale, ClearGradient: true));
}
