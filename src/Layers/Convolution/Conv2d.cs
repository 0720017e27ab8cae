namespace IlgpuSpp.Layers;

/// <summary>
/// Two-dimensional convolution with a bias.
/// Shapes: input <c>[n, h, w, in]</c>, output <c>[n, ⌊(h + 2·pad − kernel)/stride⌋ + 1, …, out]</c>.
/// </summary>
public sealed class Conv2d : Layer, IFusesActivation, IPacksWeights
{
    internal const string TypeName = "conv";

    private readonly SharedPacked<PackedConv> _packed;

    /// <summary>Creates the layer.</summary>
    /// <param name="inChannels">Input channels.</param>
    /// <param name="outChannels">Output channels.</param>
    /// <param name="kernel">Side of the square window.</param>
    /// <param name="stride">Distance between windows.</param>
    /// <param name="pad">Zeros around the map.</param>
    /// <param name="groups">Channel groups that do not see each other; divides both channel counts.</param>
    /// <param name="bias">Whether a bias is added; off before a batch normalisation.</param>
    public Conv2d(int inChannels, int outChannels, int kernel, int stride = 1, int pad = 0, int groups = 1, bool bias = true)
        : this(inChannels, outChannels, ConvGeometry.Square(kernel, stride, pad, groups), bias)
    {
    }

    /// <summary>Creates the layer with any geometry.</summary>
    /// <param name="inChannels">Input channels.</param>
    /// <param name="outChannels">Output channels.</param>
    /// <param name="geometry">The windows.</param>
    /// <param name="bias">Whether a bias is added.</param>
    public Conv2d(int inChannels, int outChannels, ConvGeometry geometry, bool bias = true)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(inChannels, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(outChannels, 1);
        if (geometry.Groups < 1 || inChannels % geometry.Groups != 0 || outChannels % geometry.Groups != 0)
            throw new ArgumentException($"{geometry.Groups} groups do not divide {inChannels} input and {outChannels} output channels.", nameof(geometry));
        InChannels = inChannels;
        OutChannels = outChannels;
        Geometry = geometry;
        Weight = new Parameter("weight", ShapeRules.ConvWeights(inChannels, outChannels, geometry), Initialiser.He)
        {
            IsConvolutionWeight = true,
            FanIn = geometry.KernelHeight * geometry.KernelWidth * inChannels / geometry.Groups,
        };
        if (bias) Bias = new Parameter("bias", new Shape(outChannels), new ConstantInitialiser(0));
        Parameters = Bias is null ? [Weight] : [Weight, Bias];
        _packed = new SharedPacked<PackedConv>(Weight);
    }

    /// <summary>Input channels.</summary>
    public int InChannels { get; }

    /// <summary>Output channels.</summary>
    public int OutChannels { get; }

    /// <summary>The windows.</summary>
    public ConvGeometry Geometry { get; }

    /// <summary>The weights, <c>[kh, kw, in/groups, out]</c>.</summary>
    public Parameter Weight { get; }

    /// <summary>The bias, <c>[out]</c>, or null.</summary>
    public Parameter? Bias { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<Parameter> Parameters { get; }

    /// <inheritdoc/>
    public override string Kind => Geometry.Groups == 1
        ? $"Conv2d {Geometry.KernelHeight}x{Geometry.KernelWidth}/{Geometry.StrideHeight}"
        : $"Conv2d {Geometry.KernelHeight}x{Geometry.KernelWidth}/{Geometry.StrideHeight} g{Geometry.Groups}";

    /// <inheritdoc/>
    public override Shape OutputShape(Shape input)
    {
        if (input.Rank != 4 || input.Channels != InChannels)
            throw new ShapeMismatchException(NameOrKind, new Shape(1, 1, 1, InChannels), input, $"the input must be a map of {InChannels} channels");
        return ShapeRules.Conv(input, OutChannels, Geometry);
    }

    /// <inheritdoc/>
    public override long MultiplyAdds(Shape input) => OutputShape(input).Count * Weight.FanIn;

    /// <inheritdoc/>
    public override LayerDescription Describe() => new LayerDescription(TypeName)
        .Add("in", InChannels)
        .Add("out", OutChannels)
        .Add("kernel", Geometry.KernelHeight, Geometry.KernelWidth)
        .Add("stride", Geometry.StrideHeight, Geometry.StrideWidth)
        .AddPadding(Geometry.PadHeight, Geometry.PadWidth, Geometry.PadBottom, Geometry.PadRight)
        .Add("groups", Geometry.Groups)
        .Add("bias", Bias is not null);

    internal static Conv2d Read(LayerDescription description)
    {
        (int kernelHeight, int kernelWidth) = description.Pair("kernel", 1);
        (int strideHeight, int strideWidth) = description.Pair("stride", 1);
        (int top, int left, int bottom, int right) = description.Padding();
        int groups = description.Whole("groups", 1, LayerDescription.LargestExtent);
        return new Conv2d(description.Whole("in", 1, LayerDescription.LargestExtent), description.Whole("out", 1, LayerDescription.LargestExtent),
            new ConvGeometry(kernelHeight, kernelWidth, strideHeight, strideWidth, top, left, groups) { PadBottom = bottom, PadRight = right }, description.Flag("bias"));
    }

    /// <inheritdoc/>
    public override ReceptiveField Receptive(ReceptiveField input) => input.Windows(this,
        (Geometry.KernelHeight, Geometry.StrideHeight, Geometry.PadHeight), (Geometry.KernelWidth, Geometry.StrideWidth, Geometry.PadWidth));

    /// <inheritdoc/>
    public override string ToOnnx(OnnxGraph graph, OnnxValue input, string name) => graph.Node("Conv", name,
        [input.Name, .. Parameters.Select(parameter => graph.Constant(parameter, name))],
        ("kernel_shape", (long[])[Geometry.KernelHeight, Geometry.KernelWidth]), ("strides", (long[])[Geometry.StrideHeight, Geometry.StrideWidth]),
        ("pads", (long[])[Geometry.PadHeight, Geometry.PadWidth, Geometry.PadBottom, Geometry.PadRight]), ("group", (long)Geometry.Groups));

    /// <inheritdoc/>
    public override LayerContext Plan(Tensor input, PassPlan plan) => PlanFused(input, plan, Activation.None);

    LayerContext IFusesActivation.PlanFused(Tensor input, PassPlan plan, Activation activation) => PlanFused(input, plan, activation);

    private LayerContext PlanFused(Tensor input, PassPlan plan, Activation activation) => Pack(plan, null) is { } packed
        ? PlanPacked(input, plan, packed, null, activation)
        : new FusedContext(input, plan.Allocate(OutputShape(input.Shape)), activation);

    /// <summary>The weights as an inference pass multiplies with them; null in training and where the backend reads them as they are.</summary>
    /// <param name="plan">The plan of the pass.</param>
    /// <param name="normalisation">The batch normalisation behind the layer, which becomes part of them, or null.</param>
    internal PackedConv? Pack(PassPlan plan, BatchNorm? normalisation) => plan.Training
        ? null
        : _packed.For(plan, normalisation, () => plan.Backend.PackConv(new ConvSource(Weight.Value, Bias?.Value, Geometry, normalisation?.Fixed)));

    void IPacksWeights.ReleasePacked() => _packed.Release();

    /// <summary>Plans the layer with packed weights.</summary>
    /// <param name="input">The tensor that the layer will read.</param>
    /// <param name="plan">Hands out memory.</param>
    /// <param name="packed">What <see cref="Pack"/> gave.</param>
    /// <param name="added">What is added before the activation, of the output's shape, or null.</param>
    /// <param name="activation">What to apply.</param>
    internal LayerContext PlanPacked(Tensor input, PassPlan plan, PackedConv packed, Tensor? added, Activation activation) =>
        new PackedContext(input, plan.Allocate(OutputShape(input.Shape)), packed, added, activation);

    /// <inheritdoc/>
    public override void Forward(LayerContext context, PassPlan plan, PassState state)
    {
        if (context is PackedContext own) plan.Backend.ConvForward(own.Input, own.Packed, own.Added, own.Output, own.Activation);
        else plan.Backend.ConvForward(context.Input, Weight.Value, Bias?.Value, context.Output, Geometry, ((FusedContext)context).Activation);
    }

    /// <inheritdoc/>
    public override void Backward(LayerContext context, PassPlan plan, PassState state)
    {
        Tensor outputGradient = context.OutputGradient!;
        if (Weight.GradientOrNull is { } weightGradient)
            plan.Backend.ConvBackwardParameters(context.Input, outputGradient, weightGradient, Bias?.GradientOrNull, Geometry);
        if (context.InputGradient is { } inputGradient)
            plan.Backend.ConvBackwardInput(outputGradient, Weight.Value, inputGradient, Geometry);
    }

    private sealed class PackedContext(Tensor input, Tensor output, PackedConv packed, Tensor? added, Activation activation) : LayerContext(input, output)
    {
        public PackedConv Packed { get; } = packed;

        public Tensor? Added { get; } = added;

        public Activation Activation { get; } = activation;
    }
}
