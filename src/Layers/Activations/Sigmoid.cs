using IlgpuSpp.Engine;

namespace IlgpuSpp.Layers;

/// <summary>y = 1 / (1 + exp(−x)). Shapes: output as input.</summary>
public sealed class Sigmoid() : ActivationLayer(new Activation(ActivationKind.Sigmoid));
