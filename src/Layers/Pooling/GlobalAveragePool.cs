namespace IlgpuSpp.Layers;

/// <summary>The mean of every channel over the whole map. Shapes: input <c>[n, h, w, c]</c>, output <c>[n, c]</c>, whatever h and w.</summary>
public sealed class GlobalAveragePool : Layer
{
    internal const string TypeName = "global_average_pool";

    /// <inheritdoc/>
    public override Shape OutputShape(Shape input) => ShapeRules.GlobalPool(input);

    /// <inheritdoc/>
    public override LayerDescription Describe() => new(TypeName);

    internal static GlobalAveragePool Read(LayerDescription description) => new();

    /// <inheritdoc/>
    public override string ToOnnx(OnnxGraph graph, OnnxValue input, string name) =>
        graph.Node("Flatten", name, [graph.Node("GlobalAveragePool", name + ".pool", [input.Name])], ("axis", 1L));

    /// <inheritdoc/>
    public override LayerContext Plan(Tensor input, PassPlan plan)
    {
        Tensor output = plan.Allocate(OutputShape(input.Shape));
        return new WholeContext(input, output, AsMap(output));
    }

    /// <inheritdoc/>
    public override void Forward(LayerContext context, PassPlan plan, PassState state) =>
        plan.Backend.AveragePoolForward(context.Input, ((WholeContext)context).OutputMap, Whole(context.Input.Shape), AveragePoolDivisor.Valid);

    /// <inheritdoc/>
    public override void PlanBackward(LayerContext context, Tensor outputGradient, PassPlan plan, bool needInputGradient)
    {
        base.PlanBackward(context, outputGradient, plan, needInputGradient);
        ((WholeContext)context).GradientMap = AsMap(outputGradient);
    }

    /// <inheritdoc/>
    public override void Backward(LayerContext context, PassPlan plan, PassState state)
    {
        if (context.InputGradient is { } inputGradient)
            plan.Backend.AveragePoolBackward(((WholeContext)context).GradientMap!, inputGradient, Whole(context.Input.Shape), AveragePoolDivisor.Valid);
    }

    private static PoolGeometry Whole(Shape map) => new(Math.Max(1, map[1]), Math.Max(1, map[2]), 1, 1, 0, 0, PoolRounding.Floor);

    private static Tensor AsMap(Tensor rows) => rows.View(new Shape(rows.Shape.Batch, 1, 1, rows.Shape.Channels));

    private sealed class WholeContext(Tensor input, Tensor output, Tensor outputMap) : LayerContext(input, output)
    {
        public Tensor OutputMap { get; } = outputMap;

        public Tensor? GradientMap { get; set; }
    }
}
