namespace IlgpuSpp.Layers;

/// <summary>
/// An elementwise activation. Behind a convolution or fully connected layer of a <see cref="Sequential"/> it is
/// applied by that layer. Shapes: output as input.
/// </summary>
public abstract class ActivationLayer : Layer
{
    /// <summary>Creates the layer.</summary>
    /// <param name="activation">The function.</param>
    private protected ActivationLayer(Activation activation) => Activation = activation;

    /// <summary>The function.</summary>
    public Activation Activation { get; }

    /// <inheritdoc/>
    public override Shape OutputShape(Shape input) => input;

    /// <inheritdoc/>
    public override ReceptiveField Receptive(ReceptiveField input) => input;

    /// <inheritdoc/>
    public override string ToOnnx(OnnxGraph graph, OnnxValue input, string name) => graph.Activated(Activation, input.Name, name);

    /// <inheritdoc/>
    public override LayerContext Plan(Tensor input, PassPlan plan) => new(input, plan.Allocate(input.Shape));

    /// <inheritdoc/>
    public override void Forward(LayerContext context, PassPlan plan, PassState state)
    {
        if (!ReferenceEquals(context.Input, context.Output))
            plan.Backend.ActivationForward(Activation, context.Input, context.Output);
    }

    /// <inheritdoc/>
    public override void PlanBackward(LayerContext context, Tensor outputGradient, PassPlan plan, bool needInputGradient)
    {
        context.OutputGradient = outputGradient;
        context.InputGradient = outputGradient;
    }

    /// <inheritdoc/>
    public override void Backward(LayerContext context, PassPlan plan, PassState state) =>
        plan.Backend.ActivationBackward(Activation, context.Output, context.OutputGradient!, context.InputGradient!);
}

/// <summary>y = max(0, x). Shapes: output as input.</summary>
public sealed class Relu() : ActivationLayer(Activation.Relu)
{
    internal const string TypeName = "relu";

    /// <inheritdoc/>
    public override LayerDescription Describe() => new(TypeName);

    internal static Relu Read(LayerDescription description) => new();
}

/// <summary>y = x for x &gt; 0, slope·x otherwise. Shapes: output as input.</summary>
/// <param name="slope">Slope of the negative half, in (0, 1).</param>
public sealed class LeakyRelu(float slope = 0.01f) : ActivationLayer(new Activation(ActivationKind.LeakyRelu, Checked(slope)))
{
    internal const string TypeName = "leaky_relu";

    /// <inheritdoc/>
    public override LayerDescription Describe() => new LayerDescription(TypeName).Add("slope", Activation.Slope);

    internal static LeakyRelu Read(LayerDescription description) => new(description.Number("slope"));

    private static float Checked(float slope) => slope is > 0 and < 1
        ? slope
        : throw new ArgumentOutOfRangeException(nameof(slope), slope, "The slope must be in (0, 1).");
}

/// <summary>y = 1 / (1 + exp(−x)). Shapes: output as input.</summary>
public sealed class Sigmoid() : ActivationLayer(new Activation(ActivationKind.Sigmoid))
{
    internal const string TypeName = "sigmoid";

    /// <inheritdoc/>
    public override LayerDescription Describe() => new(TypeName);

    internal static Sigmoid Read(LayerDescription description) => new();
}

/// <summary>y = min(max(0, x), 6), as in MobileNets. Shapes: output as input.</summary>
public sealed class Relu6() : ActivationLayer(new Activation(ActivationKind.Relu6))
{
    internal const string TypeName = "relu6";

    /// <inheritdoc/>
    public override LayerDescription Describe() => new(TypeName);

    internal static Relu6 Read(LayerDescription description) => new();
}

/// <summary>y = min(max(0, slope·x + ½), 1). Shapes: output as input.</summary>
/// <param name="slope">Slope of the middle, above 0; 1/6 in MobileNets, 0.2 in ONNX where a file names none.</param>
public sealed class HardSigmoid(float slope = 1f / 6) : ActivationLayer(new Activation(ActivationKind.HardSigmoid, Checked(slope)))
{
    internal const string TypeName = "hard_sigmoid";

    /// <inheritdoc/>
    public override LayerDescription Describe() => new LayerDescription(TypeName).Add("slope", Activation.Slope);

    internal static HardSigmoid Read(LayerDescription description) => new(description.Number("slope"));

    private static float Checked(float slope) => slope > 0 && float.IsFinite(slope)
        ? slope
        : throw new ArgumentOutOfRangeException(nameof(slope), slope, "The slope must be above 0.");
}

/// <summary>A layer that can apply the activation after it while it stores its output.</summary>
internal interface IFusesActivation
{
    /// <summary>Plans the layer with the activation inside. Its backward pass receives the gradient before the activation.</summary>
    /// <param name="input">The tensor that the layer will read.</param>
    /// <param name="plan">Hands out memory.</param>
    /// <param name="activation">What to apply.</param>
    LayerContext PlanFused(Tensor input, PassPlan plan, Activation activation);
}

/// <summary>The context of a layer that applies an activation while it stores its output.</summary>
internal class FusedContext(Tensor input, Tensor output, Activation activation) : LayerContext(input, output)
{
    public Activation Activation { get; } = activation;
}
