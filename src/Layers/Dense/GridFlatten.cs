namespace IlgpuSpp.Layers;

/// <summary>
/// Reads a map of one fixed size as rows in channel-major order (channel, row, column), the order of Caffe's and
/// PyTorch's fully connected weights. It is a pyramid of one level whose bins are single elements.
/// Shapes: input <c>[n, side, side, c]</c>, output <c>[n, c·side²]</c>; other map sizes are refused.
/// </summary>
/// <param name="side">Rows and columns of the map.</param>
public sealed class GridFlatten(int side) : Layer
{
    internal const string TypeName = "grid_flatten";

    private readonly Pyramid _grid = new([side]);

    /// <inheritdoc/>
    public override string Kind => $"GridFlatten {side}x{side}";

    /// <inheritdoc/>
    public override Shape OutputShape(Shape input)
    {
        if (input.Rank != 4 || input.Height != side || input.Width != side)
            throw new ShapeMismatchException(NameOrKind, new Shape(input.Batch, side, side, input.Channels), input, $"the map must be {side}x{side}");
        return ShapeRules.PyramidPool(input, _grid);
    }

    /// <inheritdoc/>
    public override LayerDescription Describe() => new LayerDescription(TypeName).Add("side", side);

    internal static GridFlatten Read(LayerDescription description) => new(description.Whole("side", 1, Pyramid.MaxLevel));

    /// <inheritdoc/>
    public override string ToOnnx(OnnxGraph graph, OnnxValue input, string name)
    {
        graph.RequireKnownSize(this, input, name);
        return graph.Node("Flatten", name, [input.Name], ("axis", 1L));
    }

    /// <inheritdoc/>
    public override LayerContext Plan(Tensor input, PassPlan plan) => ArgmaxContext.Plan(input, OutputShape(input.Shape), plan);

    /// <inheritdoc/>
    public override void Forward(LayerContext context, PassPlan plan, PassState state) =>
        plan.Backend.PyramidForward(context.Input, context.Output, ((ArgmaxContext)context).Argmax, _grid);

    /// <inheritdoc/>
    public override void Backward(LayerContext context, PassPlan plan, PassState state)
    {
        if (context.InputGradient is { } inputGradient)
            plan.Backend.PyramidBackward(context.OutputGradient!, ((ArgmaxContext)context).Argmax!, inputGradient, _grid);
    }
}
