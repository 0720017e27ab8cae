using IlgpuSpp.Engine;

namespace IlgpuSpp.Layers;

/// <summary>
/// Spatial pyramid pooling (the paper, section 2.2): a map of any size becomes a row of fixed length.
/// Shapes: input <c>[n, h, w, c]</c>, output <c>[n, bins·c]</c>, level-major, inside a level channel-major.
/// </summary>
public sealed class SpatialPyramidPool : Layer
{
    // Side of the last map of the released ZF-5.
    private const int ReleasedMap = 13;

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
    public override Shape OutputShape(Shape input)
    {
        Shape output = ShapeRules.PyramidPool(input, Pyramid);
        if (Pyramid.Rule != PyramidRule.Adaptive && !(Fits(input.Height) && Fits(input.Width)))
            throw new ShapeMismatchException(Name.Length == 0 ? "SpatialPyramidPool" : Name, new Shape(input.Batch, Fitting(input.Height), Fitting(input.Width), input.Channels), input,
                $"the rule {Pyramid.Rule} does not divide this map into the levels {Pyramid}");
        return output;
    }

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

    private bool Fits(int extent)
    {
        foreach (int level in Pyramid.Levels)
        {
            if (Pyramid.Rule == PyramidRule.SlidingWindow ? extent < level || extent % level > 1 : extent != ReleasedMap || level is not (1 or 2 or 3 or 6)) return false;
        }
        return true;
    }

    // The largest extent up to this one that fits; below the finest level none does.
    private int Fitting(int extent)
    {
        if (Pyramid.Rule == PyramidRule.ReleasedZf5) return ReleasedMap;
        for (int smaller = extent; smaller > 0; smaller--)
            if (Fits(smaller))
                return smaller;
        return Pyramid.Levels.Max();
    }
}
