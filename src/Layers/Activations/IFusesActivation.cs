using IlgpuSpp.Engine;

namespace IlgpuSpp.Layers;

/// <summary>A layer that can apply the activation after it while it stores its output.</summary>
public interface IFusesActivation
{
    /// <summary>Plans the layer with the activation inside. Its backward pass receives the gradient before the activation.</summary>
    /// <param name="input">The tensor that the layer will read.</param>
    /// <param name="plan">Hands out memory.</param>
    /// <param name="activation">What to apply.</param>
    LayerContext PlanFused(Tensor input, PassPlan plan, Activation activation);
}

/// <summary>The context of a layer that applies an activation while it stores its output.</summary>
internal sealed class FusedContext(Tensor input, Tensor output, Activation activation) : LayerContext(input, output)
{
    public Activation Activation { get; } = activation;
}
