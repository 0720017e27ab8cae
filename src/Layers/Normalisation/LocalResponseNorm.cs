using IlgpuSpp.Engine;

namespace IlgpuSpp.Layers;

/// <summary>Local response normalisation y = x·s^(−β). Shapes: input <c>[n, h, w, c]</c>, output the same.</summary>
/// <param name="geometry">Region, size, α, β, k.</param>
public sealed class LocalResponseNorm(LrnGeometry geometry) : Layer
{
    /// <summary>Region, size, α, β, k.</summary>
    public LrnGeometry Geometry { get; } = geometry;

    /// <inheritdoc/>
    public override string Kind => Geometry.Region == LrnRegion.WithinChannel ? $"LRN within {Geometry.Size}x{Geometry.Size}" : $"LRN across {Geometry.Size}";

    /// <inheritdoc/>
    public override Shape OutputShape(Shape input) => input;

    /// <inheritdoc/>
    public override LayerContext Plan(Tensor input, PassPlan plan) =>
        new ScaleContext(input, plan.Allocate(input.Shape), plan.Training ? plan.Allocate(input.Shape) : null);

    /// <inheritdoc/>
    public override void Forward(LayerContext context, PassPlan plan, PassState state) =>
        plan.Backend.LrnForward(context.Input, context.Output, ((ScaleContext)context).Scale, Geometry);

    /// <inheritdoc/>
    public override void PlanBackward(LayerContext context, Tensor outputGradient, PassPlan plan, bool needInputGradient)
    {
        base.PlanBackward(context, outputGradient, plan, needInputGradient);
        plan.Release(((ScaleContext)context).Scale);
    }

    /// <inheritdoc/>
    public override void Backward(LayerContext context, PassPlan plan, PassState state)
    {
        if (context.InputGradient is { } inputGradient)
            plan.Backend.LrnBackward(context.Input, context.Output, ((ScaleContext)context).Scale!, context.OutputGradient!, inputGradient, Geometry);
    }

    private sealed class ScaleContext(Tensor input, Tensor output, Tensor? scale) : LayerContext(input, output)
    {
        public Tensor? Scale { get; } = scale;
    }
}
