namespace IlgpuSpp.Layers;

/// <summary>
/// Reads a map of one fixed size as rows in channel-major order (channel, row, column), the order of Caffe's and
/// PyTorch's fully connected weights. It is a pyramid of one level whose bins are single elements.
/// Shapes: input <c>[n, side, side, c]</c>, output <c>[n, c·side²]</c>; other map sizes are refused.
/// </summary>
/// <param name="side">Rows and columns of the map.</param>
public sealed class GridFlatten(int side) : MaximumLayer
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

    private protected override void Forward(Backend backend, Tensor x, Tensor y, Tensor<int>? places) => backend.PyramidForward(x, y, places, _grid);

    private protected override void Backward(Backend backend, Tensor dy, Tensor<int> places, Tensor dx) => backend.PyramidBackward(dy, places, dx, _grid);
}
