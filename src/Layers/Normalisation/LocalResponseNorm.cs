namespace IlgpuSpp.Layers;

/// <summary>Local response normalisation y = x·s^(−β). Shapes: input <c>[n, h, w, c]</c>, output the same.</summary>
/// <param name="geometry">Region, size, α, β, k.</param>
public sealed class LocalResponseNorm(LrnGeometry geometry) : Layer
{
    internal const string TypeName = "lrn";

    /// <summary>Region, size, α, β, k.</summary>
    public LrnGeometry Geometry { get; } = geometry;

    /// <inheritdoc/>
    public override string Kind => Geometry.Region == LrnRegion.WithinChannel ? $"LRN within {Geometry.Size}x{Geometry.Size}" : $"LRN across {Geometry.Size}";

    /// <inheritdoc/>
    public override Shape OutputShape(Shape input) => input;

    /// <inheritdoc/>
    public override LayerDescription Describe() => new LayerDescription(TypeName)
        .Add("region", Geometry.Region)
        .Add("size", Geometry.Size)
        .Add("alpha", Geometry.Alpha)
        .Add("beta", Geometry.Beta)
        .Add("k", Geometry.K);

    internal static LocalResponseNorm Read(LayerDescription description)
    {
        int size = description.Whole("size", 1, LayerDescription.LargestExtent);
        if (size % 2 == 0) throw new FormatException($"the window of a local response normalisation is odd, not {size}");
        return new LocalResponseNorm(new LrnGeometry(description.Choice<LrnRegion>("region"), size, description.Number("alpha"), description.Number("beta"), description.Positive("k")));
    }

    /// <inheritdoc/>
    public override ReceptiveField Receptive(ReceptiveField input) => Geometry.Region == LrnRegion.WithinChannel ? input.Windows(Geometry.Size, 1, Geometry.Size / 2) : input;

    /// <inheritdoc/>
    public override string ToOnnx(OnnxGraph graph, OnnxValue input, string name)
    {
        if (Geometry.Region == LrnRegion.AcrossChannels)
            return graph.Node("LRN", name, [input.Name], ("size", (long)Geometry.Size), ("alpha", Geometry.Alpha), ("beta", Geometry.Beta), ("bias", Geometry.K));
        // ONNX has no form within a channel: x·(k + α·mean(x²))^−β. The zeros around the map are put there by a node of their
        // own, as not every runtime heeds count_include_pad.
        long side = Geometry.Size, pad = Geometry.Size / 2;
        string squares = graph.Node("Mul", name + ".squares", [input.Name, input.Name]);
        string around = graph.Node("Pad", name + ".pad", [squares, graph.Constant(name + ".pads", 0, 0, pad, pad, 0, 0, pad, pad)]);
        string mean = graph.Node("AveragePool", name + ".mean", [around], ("kernel_shape", (long[])[side, side]), ("strides", (long[])[1, 1]));
        string scaled = graph.Node("Mul", name + ".scaled", [mean, graph.Constant(name + ".alpha", [Geometry.Alpha], 1)]);
        string sum = graph.Node("Add", name + ".sum", [scaled, graph.Constant(name + ".k", [Geometry.K], 1)]);
        string power = graph.Node("Pow", name + ".power", [sum, graph.Constant(name + ".beta", [-Geometry.Beta], 1)]);
        return graph.Node("Mul", name, [input.Name, power]);
    }

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
