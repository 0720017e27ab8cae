namespace IlgpuSpp.Layers;

/// <summary>
/// Fully connected layer y = x·wᵀ + b. Shapes: input <c>[n, …]</c> with rows of <c>in</c> elements, output <c>[n, out]</c>.
/// </summary>
public sealed class Linear : Layer, IFusesActivation
{
    internal const string TypeName = "linear", InputsKey = "in", OutputsKey = "out", BiasKey = "bias";

    /// <summary>Creates the layer.</summary>
    /// <param name="inFeatures">Elements of an input row.</param>
    /// <param name="outFeatures">Elements of an output row.</param>
    /// <param name="bias">Whether a bias is added.</param>
    public Linear(int inFeatures, int outFeatures, bool bias = true)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(inFeatures, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(outFeatures, 1);
        Weight = new Parameter("weight", new Shape(outFeatures, inFeatures), Initialiser.He) { FanIn = inFeatures };
        if (bias) Bias = new Parameter("bias", new Shape(outFeatures), new ConstantInitialiser(0));
        Parameters = Bias is null ? [Weight] : [Weight, Bias];
    }

    /// <summary>The weights, <c>[out, in]</c>.</summary>
    public Parameter Weight { get; }

    /// <summary>The bias, <c>[out]</c>, or null.</summary>
    public Parameter? Bias { get; }

    /// <summary>Elements of an input row.</summary>
    public int InFeatures => Weight.Shape[1];

    /// <summary>Elements of an output row.</summary>
    public int OutFeatures => Weight.Shape[0];

    /// <inheritdoc/>
    public override IReadOnlyList<Parameter> Parameters { get; }

    /// <inheritdoc/>
    public override Shape OutputShape(Shape input) => input.RowLength == InFeatures
        ? ShapeRules.Linear(input, OutFeatures)
        : throw new ShapeMismatchException(NameOrKind, new Shape(input.Batch, InFeatures), input, $"rows of the input must have {InFeatures} elements");

    /// <inheritdoc/>
    public override long MultiplyAdds(Shape input) => (long)input.Batch * InFeatures * OutFeatures;

    /// <inheritdoc/>
    public override LayerDescription Describe() => new LayerDescription(TypeName).Add(InputsKey, InFeatures).Add(OutputsKey, OutFeatures).Add(BiasKey, Bias is not null);

    internal static Linear Read(LayerDescription description) =>
        new(description.Whole(InputsKey, 1, LayerDescription.LargestFeatures), description.Whole(OutputsKey, 1, LayerDescription.LargestFeatures), description.Flag(BiasKey));

    /// <inheritdoc/>
    public override string ToOnnx(OnnxGraph graph, OnnxValue input, string name)
    {
        string rows = input.IsMap ? Flatten.RowsToOnnx(this, graph, input, name + ".rows") : input.Name;
        return graph.Node("Gemm", name, [rows, .. Parameters.Select(parameter => graph.Constant(parameter, name))], ("transB", 1L));
    }

    /// <inheritdoc/>
    public override LayerContext Plan(Tensor input, PassPlan plan) => PlanFused(input, plan, Activation.None);

    LayerContext IFusesActivation.PlanFused(Tensor input, PassPlan plan, Activation activation) => PlanFused(input, plan, activation);

    private FusedContext PlanFused(Tensor input, PassPlan plan, Activation activation) =>
        new FusedContext(input, plan.Allocate(OutputShape(input.Shape)), activation);

    /// <inheritdoc/>
    public override void Forward(LayerContext context, PassPlan plan, PassState state) =>
        plan.Backend.LinearForward(context.Input, Weight.Value, Bias?.Value, context.Output, ((FusedContext)context).Activation);

    /// <inheritdoc/>
    public override void Backward(LayerContext context, PassPlan plan, PassState state)
    {
        Tensor outputGradient = context.OutputGradient!;
        if (Weight.GradientOrNull is { } weightGradient)
            plan.Backend.LinearBackwardParameters(context.Input, outputGradient, weightGradient, Bias?.GradientOrNull);
        if (context.InputGradient is { } inputGradient)
            plan.Backend.LinearBackwardInput(outputGradient, Weight.Value, inputGradient);
    }
}
