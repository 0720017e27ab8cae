namespace IlgpuSpp.Layers;

/// <summary>
/// y = x for x &gt; 0, a·x otherwise, with one learned slope a for each channel (He et al., "Delving deep into rectifiers",
/// equation 1). Shapes: input a map <c>[n, h, w, c]</c> or rows <c>[n, c]</c>, output the same.
/// </summary>
public sealed class PRelu : Layer
{
    internal const string TypeName = "prelu";

    /// <summary>Creates the layer.</summary>
    /// <param name="channels">Channels of the input.</param>
    /// <param name="slope">The slope to start from.</param>
    public PRelu(int channels, float slope = 0.25f)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(channels, 1);
        Slope = new Parameter("weight", new Shape(channels), new ConstantInitialiser(slope)) { DecayMultiplier = 0 };
        Parameters = [Slope];
    }

    /// <summary>The slopes a, <c>[c]</c>.</summary>
    public Parameter Slope { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<Parameter> Parameters { get; }

    /// <inheritdoc/>
    public override Shape OutputShape(Shape input) => input.Channels == Slope.Shape.Count
        ? input
        : throw new ShapeMismatchException(NameOrKind, Slope.Shape, input, $"the input must have {Slope.Shape.Count} channels");

    /// <inheritdoc/>
    public override LayerDescription Describe() => new LayerDescription(TypeName).Add("channels", (int)Slope.Shape.Count);

    internal static PRelu Read(LayerDescription description) => new(description.Whole("channels", 1, LayerDescription.LargestFeatures));

    /// <inheritdoc/>
    public override ReceptiveField Receptive(ReceptiveField input) => input;

    /// <inheritdoc/>
    public override string ToOnnx(OnnxGraph graph, OnnxValue input, string name)
    {
        int channels = input.Shape.Channels;
        string slopes = graph.Constant(name + ".weight", Slope.Value.ToArray(), input.IsMap ? [channels, 1, 1] : [channels]);
        return graph.Node("PRelu", name, [input.Name, slopes]);
    }

    /// <inheritdoc/>
    public override LayerContext Plan(Tensor input, PassPlan plan) => new(input, plan.Allocate(OutputShape(input.Shape)));

    /// <inheritdoc/>
    public override void Forward(LayerContext context, PassPlan plan, PassState state) =>
        plan.Backend.PReluForward(context.Input, Slope.Value, context.Output);

    /// <inheritdoc/>
    public override void Backward(LayerContext context, PassPlan plan, PassState state) =>
        plan.Backend.PReluBackward(context.Input, Slope.Value, context.OutputGradient!, context.InputGradient, Slope.GradientOrNull);
}
