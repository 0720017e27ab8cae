namespace IlgpuSpp.Layers;

/// <summary>
/// Branches that read the same input, their outputs joined along the channels.
/// Shapes: outputs agree in all but the innermost extent; the result's is their sum.
/// </summary>
public sealed class Concat : Layer
{
    internal const string TypeName = "concat";

    private readonly Layer[] _branches;

    /// <summary>Creates the container.</summary>
    /// <param name="branches">At least one branch, in output order.</param>
    public Concat(params Layer[] branches)
    {
        if (branches.Length == 0) throw new ArgumentException("A concatenation has at least one branch.", nameof(branches));
        _branches = branches;
        Sequential.Complete(branches);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<Layer> Children => _branches;

    /// <inheritdoc/>
    public override Shape OutputShape(Shape input) => ShapeRules.Concat([.. _branches.Select(branch => branch.OutputShape(input))]);

    /// <inheritdoc/>
    public override LayerDescription Describe() => new LayerDescription(TypeName).Add(Sequential.LayersKey, Children);

    internal static Concat Read(LayerDescription description) => new(description.Layers(Sequential.LayersKey));

    /// <inheritdoc/>
    public override ReceptiveField Receptive(ReceptiveField input) => ReceptiveField.Union(this, _branches.Select(branch => branch.Receptive(input)));

    /// <inheritdoc/>
    public override string ToOnnx(OnnxGraph graph, OnnxValue input, string name) =>
        graph.Node("Concat", name, [.. _branches.Select(branch => graph.Add(branch, input, name).Name)], ("axis", 1L));

    /// <inheritdoc/>
    public override LayerContext Plan(Tensor input, PassPlan plan)
    {
        var contexts = new LayerContext[_branches.Length];
        for (int i = 0; i < contexts.Length; i++) contexts[i] = _branches[i].Plan(input, plan);
        return new BranchContext(input, plan.Allocate(OutputShape(input.Shape)), contexts);
    }

    /// <inheritdoc/>
    public override void Forward(LayerContext context, PassPlan plan, PassState state)
    {
        var branches = (BranchContext)context;
        for (int i = 0; i < _branches.Length; i++) _branches[i].Forward(branches.Contexts[i], plan, state);
        plan.Backend.ConcatForward(branches.Outputs, branches.Output);
    }

    /// <inheritdoc/>
    public override void PlanBackward(LayerContext context, Tensor outputGradient, PassPlan plan, bool needInputGradient)
    {
        var branches = (BranchContext)context;
        branches.OutputGradient = outputGradient;
        branches.Gradients = [.. branches.Contexts.Select(child => plan.Allocate(child.Output.Shape))];
        for (int i = _branches.Length - 1; i >= 0; i--) _branches[i].PlanBackward(branches.Contexts[i], branches.Gradients[i], plan, needInputGradient);
        if (needInputGradient) branches.InputGradient = branches.Contexts[0].InputGradient;
    }

    /// <inheritdoc/>
    public override void Backward(LayerContext context, PassPlan plan, PassState state)
    {
        var branches = (BranchContext)context;
        plan.Backend.ConcatBackward(branches.OutputGradient!, branches.Gradients);
        for (int i = _branches.Length - 1; i >= 0; i--) _branches[i].Backward(branches.Contexts[i], plan, state);
        if (branches.InputGradient is not { } sum) return;
        for (int i = 1; i < _branches.Length; i++) plan.Backend.Accumulate(branches.Contexts[i].InputGradient!, 1, sum);
    }

    private sealed class BranchContext(Tensor input, Tensor output, LayerContext[] contexts) : LayerContext(input, output)
    {
        public LayerContext[] Contexts { get; } = contexts;

        public Tensor[] Outputs { get; } = [.. contexts.Select(child => child.Output)];

        public Tensor[] Gradients { get; set; } = [];
    }
}
