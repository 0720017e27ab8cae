using IlgpuSpp.Engine;

namespace IlgpuSpp.Layers;

/// <summary>The context of a layer that remembers which element won.</summary>
internal sealed class ArgmaxContext(Tensor input, Tensor output, Tensor<int>? argmax) : LayerContext(input, output)
{
    /// <summary>Positions of the winners, like the output; null in inference.</summary>
    public Tensor<int>? Argmax { get; } = argmax;
}
