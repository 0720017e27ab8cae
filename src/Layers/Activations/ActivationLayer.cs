using IlgpuSpp.Engine;

namespace IlgpuSpp.Layers;

/// <summary>
/// An elementwise activation. Behind a convolution or fully connected layer of a <see cref="Sequential"/> it is
/// applied by that layer. Shapes: output as input.
/// </summary>
public abstract class ActivationLayer : Layer
{
    /// <summary>Creates the layer.</summary>
    /// <param name="activation">The function.</param>
    private protected ActivationLayer(Activation activation) => Activation = activation;

    /// <summary>The function.</summary>
    public Activation Activation { get; }

    /// <inheritdoc/>
    public override Shape OutputShape(Shape input) => input;

    /// <inheritdoc/>
    public override LayerContext Plan(Tensor input, PassPlan plan) => new(input, plan.Allocate(input.Shape));

    /// <summary>Plans the layer behind one that applies the activation itself.</summary>
    /// <param name="activated">That layer's output.</param>
    internal static LayerContext PlanApplied(Tensor activated) => new(activated, activated);

    /// <inheritdoc/>
    public override void Forward(LayerContext context, PassPlan plan, PassState state)
    {
        if (!ReferenceEquals(context.Input, context.Output))
            plan.Backend.ActivationForward(Activation, context.Input, context.Output);
    }

    /// <inheritdoc/>
    public override void PlanBackward(LayerContext context, Tensor outputGradient, PassPlan plan, bool needInputGradient)
    {
        context.OutputGradient = outputGradient;
        context.InputGradient = outputGradient;
    }

    /// <inheritdoc/>
    public override void Backward(LayerContext context, PassPlan plan, PassState state) =>
        plan.Backend.ActivationBackward(Activation, context.Output, context.OutputGradient!, context.InputGradient!);
}
