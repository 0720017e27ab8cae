namespace IlgpuSpp.Layers;

/// <summary>
/// What one layer holds during one pass: its input, its output, and what the backward pass needs. Layers derive from
/// it for what they save; a layer's own fields hold no activations, so that one layer serves several passes at a time.
/// </summary>
/// <param name="input">What the layer reads.</param>
/// <param name="output">What the layer writes; may be the input or a view of it.</param>
public class LayerContext(Tensor input, Tensor output)
{
    /// <summary>What the layer reads.</summary>
    public Tensor Input { get; } = input;

    /// <summary>What the layer writes.</summary>
    public Tensor Output { get; } = output;

    /// <summary>Gradient of the loss by <see cref="Output"/>, of its shape; set by <see cref="Layer.PlanBackward"/>. The layer may overwrite it.</summary>
    public Tensor? OutputGradient { get; set; }

    /// <summary>Gradient of the loss by <see cref="Input"/>, of its shape, or null where nobody needs it; set by <see cref="Layer.PlanBackward"/>.</summary>
    public Tensor? InputGradient { get; set; }
}
