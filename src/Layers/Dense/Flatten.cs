namespace IlgpuSpp.Layers;

/// <summary>
/// Reads a map as rows, in memory order (row, column, channel). Shapes: input <c>[n, h, w, c]</c>, output <c>[n, h·w·c]</c>.
/// For the channel-major order of other frameworks use a <see cref="SpatialPyramidPool"/> of the map's own size.
/// </summary>
public sealed class Flatten : Layer
{
    internal const string TypeName = "flatten";

    /// <inheritdoc/>
    public override Shape OutputShape(Shape input) => ShapeRules.Flatten(input);

    /// <inheritdoc/>
    public override LayerDescription Describe() => new(TypeName);

    internal static Flatten Read(LayerDescription description) => new();

    /// <inheritdoc/>
    public override string ToOnnx(OnnxGraph graph, OnnxValue input, string name) => RowsToOnnx(this, graph, input, name);

    /// <summary>Rows in the order of the engine (row, column, channel), for a layer that reads a map as rows.</summary>
    internal static string RowsToOnnx(Layer layer, OnnxGraph graph, OnnxValue input, string name)
    {
        if (!input.IsMap) return graph.Node("Flatten", name, [input.Name], ("axis", 1L));
        graph.RequireKnownSize(layer, input, name);
        bool single = input.Shape is { Height: 1, Width: 1 };
        string ordered = single ? input.Name : graph.Node("Transpose", name + ".nhwc", [input.Name], ("perm", (long[])[0, 2, 3, 1]));
        return graph.Node("Flatten", name, [ordered], ("axis", 1L));
    }

    /// <inheritdoc/>
    public override LayerContext Plan(Tensor input, PassPlan plan) => new(input, input.View(OutputShape(input.Shape)));

    /// <inheritdoc/>
    public override void Forward(LayerContext context, PassPlan plan, PassState state)
    {
        // The output is a view of the input.
    }

    /// <inheritdoc/>
    public override void PlanBackward(LayerContext context, Tensor outputGradient, PassPlan plan, bool needInputGradient)
    {
        context.OutputGradient = outputGradient;
        context.InputGradient = outputGradient.View(context.Input.Shape);
    }

    /// <inheritdoc/>
    public override void Backward(LayerContext context, PassPlan plan, PassState state)
    {
        // The input gradient is a view of the output gradient.
    }
}
