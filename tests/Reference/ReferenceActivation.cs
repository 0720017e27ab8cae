using IlgpuSpp.Engine;

namespace IlgpuSpp.Reference;

/// <summary>Elementwise non-linearities by their formulas.</summary>
public static class ReferenceActivation
{
    public static double[] Apply(Activation f, double[] x) => [.. x.Select(v => f.Kind switch
    {
        ActivationKind.None => v,
        ActivationKind.Relu => Math.Max(0, v),
        ActivationKind.LeakyRelu => v > 0 ? v : f.Slope * v,
        ActivationKind.Sigmoid => 1 / (1 + Math.Exp(-v)),
        ActivationKind.Relu6 => Math.Clamp(v, 0, 6),
        ActivationKind.HardSigmoid => Math.Clamp(f.Slope * v + 0.5, 0, 1),
        _ => throw new NotSupportedException($"{f.Kind} has no reference yet."),
    })];
}
