using IlgpuSpp.Engine;

namespace IlgpuSpp.Layers;

/// <summary>
/// Spatial pyramid pooling (the paper, section 2.2): a map of any size becomes a row of fixed length.
/// Shapes: input <c>[n, h, w, c]</c>, output <c>[n, bins·c]</c>, level-major, inside a level channel-major.
/// </summary>
public sealed class SpatialPyramidPool : Layer
{
    /// <summary>Creates the layer with the bins of the paper's Appendix A.</summary>
    /// <param name="levels">Bins along a side for each level, in output order, e.g. 1, 2, 3, 6.</param>
    public SpatialPyramidPool(params ReadOnlySpan<int> levels)
        : this(new Pyramid(levels))
    {
    }

    /// <summary>Creates the layer.</summary>
    /// <param name="pyramid">Levels and rule.</param>
    public SpatialPyramidPool(Pyramid pyramid) => Pyramid = pyramid;

    /// <summary>Levels and rule.</summary>
    public Pyramid Pyramid { get; }

    /// <inheritdoc/>
    public override string Kind => $"SpatialPyramidPool {Pyramid}";

    /// <inheritdoc/>
    public override Shape OutputShape(Shape input) => ShapeRules.PyramidPool(input, Pyramid);

    /// <inheritdoc/>
    public override LayerContext Plan(Tensor input, PassPlan plan)
    {
        Shape output = OutputShape(input.Shape);
        return new ArgmaxContext(input, plan.Allocate(output), plan.Training ? plan.AllocateIndex(output) : null);
    }

    /// <inheritdoc/>
    public override void Forward(LayerContext context, PassPlan plan, PassState state) =>
        plan.Backend.PyramidForward(context.Input, context.Output, ((ArgmaxContext)context).Argmax, Pyramid);

    /// <inheritdoc/>
    public override void Backward(LayerContext context, PassPlan plan, PassState state)
    {
        if (context.InputGradient is { } inputGradient)
            plan.Backend.PyramidBackward(context.OutputGradient!, ((ArgmaxContext)context).Argmax!, inputGradient, Pyramid);
    }
}
