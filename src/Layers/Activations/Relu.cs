using IlgpuSpp.Engine;

namespace IlgpuSpp.Layers;

/// <summary>y = max(0, x). Shapes: output as input.</summary>
public sealed class Relu() : ActivationLayer(Activation.Relu);
