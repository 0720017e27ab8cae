namespace IlgpuSpp.Layers;

/// <summary>A layer whose outputs are elements of its input; in training it remembers which.</summary>
public abstract class MaximumLayer : Layer
{
    private protected MaximumLayer()
    {
    }

    /// <inheritdoc/>
    public sealed override LayerContext Plan(Tensor input, PassPlan plan)
    {
        Shape output = OutputShape(input.Shape);
        return new PlaceContext(input, plan.Allocate(output), plan.Training ? plan.AllocateIndex(output) : null);
    }

    /// <inheritdoc/>
    public sealed override void Forward(LayerContext context, PassPlan plan, PassState state) =>
        Forward(plan.Backend, context.Input, context.Output, ((PlaceContext)context).Places);

    /// <inheritdoc/>
    public sealed override void Backward(LayerContext context, PassPlan plan, PassState state)
    {
        if (context.InputGradient is { } inputGradient)
            Backward(plan.Backend, context.OutputGradient!, ((PlaceContext)context).Places!, inputGradient);
    }

    private protected abstract void Forward(Backend backend, Tensor x, Tensor y, Tensor<int>? places);

    private protected abstract void Backward(Backend backend, Tensor dy, Tensor<int> places, Tensor dx);

    // Places of the winners, like the output; none in inference.
    private sealed class PlaceContext(Tensor input, Tensor output, Tensor<int>? places) : LayerContext(input, output)
    {
        public Tensor<int>? Places { get; } = places;
    }
}
