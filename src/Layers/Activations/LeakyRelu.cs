using IlgpuSpp.Engine;

namespace IlgpuSpp.Layers;

/// <summary>y = x for x &gt; 0, slope·x otherwise. Shapes: output as input.</summary>
/// <param name="slope">Slope of the negative half, in (0, 1).</param>
public sealed class LeakyRelu(float slope = 0.01f) : ActivationLayer(new Activation(ActivationKind.LeakyRelu, Checked(slope)))
{
    private static float Checked(float slope) => slope is > 0 and < 1
        ? slope
        : throw new ArgumentOutOfRangeException(nameof(slope), slope, "The slope must be in (0, 1).");
}
