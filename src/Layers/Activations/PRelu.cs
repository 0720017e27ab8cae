using IlgpuSpp.Engine;

namespace IlgpuSpp.Layers;

/// <summary>
/// y = x for x &gt; 0, a·x otherwise, with one learned slope a for each channel (He et al., "Delving deep into rectifiers",
/// equation 1). Shapes: input a map <c>[n, h, w, c]</c> or rows <c>[n, c]</c>, output the same.
/// </summary>
public sealed class PRelu : Layer
{
    internal const string TypeName = "prelu";

    private readonly ConvGeometry _perChannel;

    /// <summary>Creates the layer.</summary>
    /// <param name="channels">Channels of the input.</param>
    /// <param name="slope">The slope to start from.</param>
    public PRelu(int channels, float slope = 0.25f)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(channels, 1);
        // A product with one number a channel is a 1x1 convolution whose groups are single channels.
        _perChannel = ConvGeometry.Square(1, groups: channels);
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
        : throw new ShapeMismatchException(Name.Length == 0 ? "PRelu" : Name, Slope.Shape, input, $"the input must have {Slope.Shape.Count} channels");

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
    public override LayerContext Plan(Tensor input, PassPlan plan)
    {
        Tensor output = plan.Allocate(OutputShape(input.Shape)), positive = plan.Allocate(input.Shape), negative = plan.Allocate(input.Shape);
        if (!plan.Training)
        {
            plan.Release(positive);
            plan.Release(negative);
        }
        return new HalvesContext(input, output, positive, negative);
    }

    /// <inheritdoc/>
    public override void Forward(LayerContext context, PassPlan plan, PassState state)
    {
        var halves = (HalvesContext)context;
        Backend backend = plan.Backend;
        backend.ActivationForward(Activation.Relu, halves.Input, halves.Positive);
        backend.Copy(halves.Input, halves.Negative);
        backend.Accumulate(halves.Positive, -1, halves.Negative);
        backend.ConvForward(AsMap(halves.Negative), AsWeights(Slope.Value), null, AsMap(halves.Output), _perChannel, Activation.None);
        backend.Accumulate(halves.Positive, 1, halves.Output);
    }

    /// <inheritdoc/>
    public override void PlanBackward(LayerContext context, Tensor outputGradient, PassPlan plan, bool needInputGradient)
    {
        base.PlanBackward(context, outputGradient, plan, needInputGradient);
        var halves = (HalvesContext)context;
        plan.Release(halves.Positive);
        plan.Release(halves.Negative);
    }

    /// <inheritdoc/>
    public override void Backward(LayerContext context, PassPlan plan, PassState state)
    {
        var halves = (HalvesContext)context;
        Backend backend = plan.Backend;
        Tensor outputGradient = halves.OutputGradient!;
        if (Slope.GradientOrNull is { } slopeGradient)
            backend.ConvBackwardParameters(AsMap(halves.Negative), AsMap(outputGradient), AsWeights(slopeGradient), null, _perChannel);
        if (halves.InputGradient is not { } inputGradient) return;
        // dx = a·dy where x is not positive, dy where it is.
        backend.ConvBackwardInput(AsMap(outputGradient), AsWeights(Slope.Value), AsMap(inputGradient), _perChannel);
        backend.ActivationBackward(Activation.Relu, halves.Positive, inputGradient, halves.Negative);
        backend.Accumulate(halves.Negative, -1, inputGradient);
        backend.ActivationBackward(Activation.Relu, halves.Positive, outputGradient, outputGradient);
        backend.Accumulate(outputGradient, 1, inputGradient);
    }

    private static Tensor AsMap(Tensor tensor) => tensor.Shape.Rank == 4 ? tensor : tensor.View(new Shape(checked((int)(tensor.Count / tensor.Shape.Channels)), 1, 1, tensor.Shape.Channels));

    private static Tensor AsWeights(Tensor slopes) => slopes.View(new Shape(1, 1, 1, (int)slopes.Count));

    private sealed class HalvesContext(Tensor input, Tensor output, Tensor positive, Tensor negative) : LayerContext(input, output)
    {
        public Tensor Positive { get; } = positive;

        public Tensor Negative { get; } = negative;
    }
}
