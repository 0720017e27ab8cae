namespace IlgpuSpp.Layers;

/// <summary>
/// Fully connected layer y = x·wᵀ + b. Shapes: input <c>[n, …]</c> with rows of <c>in</c> elements, output <c>[n, out]</c>.
/// </summary>
public sealed class Linear : Layer, IFusesActivation, IPacksWeights
{
    internal const string TypeName = "linear", InputsKey = "in", OutputsKey = "out", BiasKey = "bias", Int8Key = "int8";

    private readonly SharedPacked<PackedInt8> _packed;

    /// <summary>Creates the layer.</summary>
    /// <param name="inFeatures">Elements of an input row.</param>
    /// <param name="outFeatures">Elements of an output row.</param>
    /// <param name="bias">Whether a bias is added.</param>
    /// <param name="int8">See <see cref="Int8"/>.</param>
    public Linear(int inFeatures, int outFeatures, bool bias = true, bool int8 = false)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(inFeatures, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(outFeatures, 1);
        if (int8) ArgumentOutOfRangeException.ThrowIfGreaterThan(inFeatures, PackedInt8.MostInputs);
        Int8 = int8;
        Weight = new Parameter("weight", new Shape(outFeatures, inFeatures), Initialiser.He) { FanIn = inFeatures, IsInt8 = int8, Trainable = !int8 };
        _packed = new SharedPacked<PackedInt8>(Weight);
        if (bias) Bias = new Parameter("bias", new Shape(outFeatures), new ConstantInitialiser(0));
        Parameters = Bias is null ? [Weight] : [Weight, Bias];
    }

    /// <summary>The weights, <c>[out, in]</c>.</summary>
    public Parameter Weight { get; }

    /// <summary>The bias, <c>[out]</c>, or null.</summary>
    public Parameter? Bias { get; }

    /// <summary>
    /// Whether the weights are 8-bit numbers with a scale for every output, and inference rounds its inputs to 7 bits to multiply whole numbers, where the backend has such a product. Such
    /// weights do not learn.
    /// </summary>
    public bool Int8 { get; }

    /// <inheritdoc/>
    public override string Kind => Int8 ? "Linear int8" : base.Kind;

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
    public override LayerDescription Describe()
    {
        LayerDescription description = new LayerDescription(TypeName).Add(InputsKey, InFeatures).Add(OutputsKey, OutFeatures).Add(BiasKey, Bias is not null);
        return Int8 ? description.Add(Int8Key, true) : description;
    }

    internal static Linear Read(LayerDescription description)
    {
        bool int8 = description.Has(Int8Key) && description.Flag(Int8Key);
        return new(description.Whole(InputsKey, 1, int8 ? PackedInt8.MostInputs : LayerDescription.LargestFeatures), description.Whole(OutputsKey, 1, LayerDescription.LargestFeatures), description.Flag(BiasKey), int8);
    }

    /// <inheritdoc/>
    public override string ToOnnx(OnnxGraph graph, OnnxValue input, string name)
    {
        string rows = input.IsMap ? Flatten.RowsToOnnx(this, graph, input, name + ".rows") : input.Name;
        return graph.Node("Gemm", name, [rows, .. Parameters.Select(parameter => graph.Constant(parameter, name))], ("transB", 1L));
    }

    /// <inheritdoc/>
    public override LayerContext Plan(Tensor input, PassPlan plan) => PlanFused(input, plan, Activation.None);

    LayerContext IFusesActivation.PlanFused(Tensor input, PassPlan plan, Activation activation) => PlanFused(input, plan, activation);

    private FusedContext PlanFused(Tensor input, PassPlan plan, Activation activation)
    {
        Tensor output = plan.Allocate(OutputShape(input.Shape));
        return Int8 && !plan.Training && _packed.For(plan, null, () => plan.Backend.PackInt8(Weight.Value)) is { } packed
            ? new Int8Context(input, output, activation, packed)
            : new FusedContext(input, output, activation);
    }

    void IPacksWeights.ReleasePacked() => _packed.Release();

    /// <inheritdoc/>
    public override void Forward(LayerContext context, PassPlan plan, PassState state)
    {
        if (context is Int8Context own) plan.Backend.LinearForward(own.Input, own.Packed, Bias?.Value, own.Output, own.Activation);
        else plan.Backend.LinearForward(context.Input, Weight.Value, Bias?.Value, context.Output, ((FusedContext)context).Activation);
    }

    /// <inheritdoc/>
    public override void Backward(LayerContext context, PassPlan plan, PassState state)
    {
        Tensor outputGradient = context.OutputGradient!;
        if (Weight.GradientOrNull is { } weightGradient)
            plan.Backend.LinearBackwardParameters(context.Input, outputGradient, weightGradient, Bias?.GradientOrNull);
        if (context.InputGradient is { } inputGradient)
            plan.Backend.LinearBackwardInput(outputGradient, Weight.Value, inputGradient);
    }

    private sealed class Int8Context(Tensor input, Tensor output, Activation activation, PackedInt8 packed) : FusedContext(input, output, activation)
    {
        public PackedInt8 Packed { get; } = packed;
    }
}
