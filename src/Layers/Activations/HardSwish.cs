namespace IlgpuSpp.Layers;

/// <summary>y = x·min(max(0, x/6 + ½), 1) (Howard et al., "Searching for MobileNetV3", section 5.2). Shapes: output as input.</summary>
public sealed class HardSwish : Layer
{
    internal const string TypeName = "hard_swish";

    private static readonly Activation Gate = new HardSigmoid().Activation;

    /// <inheritdoc/>
    public override Shape OutputShape(Shape input) => input;

    /// <inheritdoc/>
    public override LayerDescription Describe() => new(TypeName);

    internal static HardSwish Read(LayerDescription description) => new();

    /// <inheritdoc/>
    public override ReceptiveField Receptive(ReceptiveField input) => input;

    /// <inheritdoc/>
    public override string ToOnnx(OnnxGraph graph, OnnxValue input, string name) => graph.Node("Mul", name, [input.Name, graph.Activated(Gate, input.Name, name + ".gate")]);

    /// <inheritdoc/>
    public override LayerContext Plan(Tensor input, PassPlan plan) => new GatedContext(input, plan.Allocate(input.Shape), plan.Allocate(input.Shape));

    /// <inheritdoc/>
    public override void Forward(LayerContext context, PassPlan plan, PassState state)
    {
        Tensor gate = ((GatedContext)context).Gate;
        plan.Backend.ActivationForward(Gate, context.Input, gate);
        plan.Backend.Multiply(context.Input, gate, context.Output);
    }

    /// <inheritdoc/>
    public override void PlanBackward(LayerContext context, Tensor outputGradient, PassPlan plan, bool needInputGradient)
    {
        base.PlanBackward(context, outputGradient, plan, needInputGradient);
        if (needInputGradient) ((GatedContext)context).Through = plan.Allocate(outputGradient.Shape);
    }

    /// <inheritdoc/>
    public override void Backward(LayerContext context, PassPlan plan, PassState state)
    {
        if (context.InputGradient is not { } dx) return;
        var gated = (GatedContext)context;
        Tensor dy = context.OutputGradient!, through = gated.Through!;
        // dx = dy·g + x·(dy·g′)
        plan.Backend.ActivationBackward(Gate, gated.Gate, dy, through);
        plan.Backend.Multiply(context.Input, through, through);
        plan.Backend.Multiply(dy, gated.Gate, dx);
        plan.Backend.Add(dx, through, dx);
    }

    private sealed class GatedContext(Tensor input, Tensor output, Tensor gate) : LayerContext(input, output)
    {
        public Tensor Gate { get; } = gate;

        public Tensor? Through { get; set; }
    }
}
