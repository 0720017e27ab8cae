namespace IlgpuSpp.Layers;

/// <summary>
/// A residual block: y = f(main(x) + shortcut(x)) (He et al., "Deep residual learning", equation 2).
/// Shapes: main and shortcut have the same output shape; without a shortcut it is the input's.
/// </summary>
public sealed class Residual : Layer
{
    internal const string TypeName = "residual";

    /// <summary>Creates the block.</summary>
    /// <param name="main">The branch with the weights.</param>
    /// <param name="shortcut">A projection of the input, or null for the input itself.</param>
    /// <param name="activation">What is applied to the sum.</param>
    public Residual(Layer main, Layer? shortcut = null, Activation activation = default)
    {
        Main = main;
        Shortcut = shortcut;
        Activation = activation;
        if (main.Name.Length == 0) main.Name = "main";
        if (shortcut is { Name.Length: 0 }) shortcut.Name = "shortcut";
        Children = shortcut is null ? [main] : [main, shortcut];
    }

    /// <summary>The branch with the weights.</summary>
    public Layer Main { get; }

    /// <summary>The projection of the input, or null for the input itself.</summary>
    public Layer? Shortcut { get; }

    /// <summary>What is applied to the sum.</summary>
    public Activation Activation { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<Layer> Children { get; }

    /// <inheritdoc/>
    public override Shape OutputShape(Shape input)
    {
        Shape main = Main.OutputShape(input), shortcut = Shortcut?.OutputShape(input) ?? input;
        return main == shortcut ? main : throw new ShapeMismatchException(NameOrKind, main, shortcut, "the shortcut must have the shape of the main branch");
    }

    /// <inheritdoc/>
    public override LayerDescription Describe()
    {
        LayerDescription description = new LayerDescription(TypeName).Add("main", Main);
        if (Shortcut is not null) description.Add("shortcut", Shortcut);
        if (Activation.Kind != ActivationKind.None) description.Add("activation", Activation.Kind);
        if (Activation.Slope != 0) description.Add("slope", Activation.Slope);
        return description;
    }

    internal static Residual Read(LayerDescription description) => new(
        description.Layer("main"),
        description.Has("shortcut") ? description.Layer("shortcut") : null,
        new Activation(description.Has("activation") ? description.Choice<ActivationKind>("activation") : ActivationKind.None, description.Has("slope") ? description.Number("slope") : 0));

    /// <inheritdoc/>
    public override ReceptiveField Receptive(ReceptiveField input) => ReceptiveField.Union(this, [Main.Receptive(input), Shortcut?.Receptive(input) ?? input]);

    /// <inheritdoc/>
    public override string ToOnnx(OnnxGraph graph, OnnxValue input, string name)
    {
        string main = graph.Add(Main, input, name).Name, shortcut = Shortcut is null ? input.Name : graph.Add(Shortcut, input, name).Name;
        string sum = graph.Node("Add", name, [main, shortcut]);
        return Activation.Kind == ActivationKind.None ? sum : graph.Activated(Activation, sum, name + ".activation");
    }

    /// <inheritdoc/>
    public override LayerContext Plan(Tensor input, PassPlan plan)
    {
        OutputShape(input.Shape);
        if (Main is Sequential chain && chain.EndsInPackedConvolution(plan)) return PlanSum(chain, input, plan);
        LayerContext main = Main.Plan(input, plan);
        LayerContext? shortcut = Shortcut?.Plan(input, plan);
        Tensor output = plan.Allocate(main.Output.Shape);
        if (!plan.Training) ReleaseOutputs(main, shortcut, input, plan);
        return new BlockContext(input, output, main, shortcut);
    }

    // The main branch's last convolution adds the shortcut, which is there before it.
    private BlockContext PlanSum(Sequential main, Tensor input, PassPlan plan)
    {
        LayerContext? shortcut = Shortcut?.Plan(input, plan);
        LayerContext sum = main.PlanSum(input, plan, shortcut?.Output ?? input, Activation);
        if (shortcut is not null && !ReferenceEquals(shortcut.Output, input)) plan.Release(shortcut.Output);
        return new BlockContext(input, sum.Output, sum, shortcut);
    }

    /// <inheritdoc/>
    public override void Forward(LayerContext context, PassPlan plan, PassState state)
    {
        var block = (BlockContext)context;
        if (ReferenceEquals(block.Main.Output, block.Output))
        {
            if (Shortcut is not null) Shortcut.Forward(block.Shortcut!, plan, state);
            Main.Forward(block.Main, plan, state);
            return;
        }
        Main.Forward(block.Main, plan, state);
        if (Shortcut is not null) Shortcut.Forward(block.Shortcut!, plan, state);
        plan.Backend.Add(block.Main.Output, block.Shortcut?.Output ?? block.Input, block.Output);
        if (Activation.Kind != ActivationKind.None) plan.Backend.ActivationForward(Activation, block.Output, block.Output);
    }

    /// <inheritdoc/>
    public override void PlanBackward(LayerContext context, Tensor outputGradient, PassPlan plan, bool needInputGradient)
    {
        var block = (BlockContext)context;
        block.OutputGradient = outputGradient;
        // Each branch may overwrite its gradient, so the main branch works on a copy.
        block.MainGradient = plan.Allocate(outputGradient.Shape);
        Main.PlanBackward(block.Main, block.MainGradient, plan, needInputGradient);
        if (!PassPlan.SameMemory(block.Main.InputGradient, block.MainGradient)) plan.Release(block.MainGradient);
        Shortcut?.PlanBackward(block.Shortcut!, outputGradient, plan, needInputGradient);
        ReleaseOutputs(block.Main, block.Shortcut, block.Input, plan);
        if (!needInputGradient) return;
        block.InputGradient = block.Main.InputGradient;
        if (Shortcut is not null && !PassPlan.SameMemory(block.Shortcut!.InputGradient, outputGradient)) plan.Release(block.Shortcut.InputGradient);
    }

    /// <inheritdoc/>
    public override void Backward(LayerContext context, PassPlan plan, PassState state)
    {
        var block = (BlockContext)context;
        Tensor gradient = block.OutputGradient!;
        if (Activation.Kind != ActivationKind.None) plan.Backend.ActivationBackward(Activation, block.Output, gradient, gradient);
        plan.Backend.Copy(gradient, block.MainGradient!);
        Main.Backward(block.Main, plan, state);
        if (Shortcut is not null) Shortcut.Backward(block.Shortcut!, plan, state);
        if (block.InputGradient is { } inputGradient)
            plan.Backend.Accumulate(block.Shortcut?.InputGradient ?? gradient, 1, inputGradient);
    }

    // A branch that does nothing in inference (dropout) hands on the input itself, which is not ours to release.
    private static void ReleaseOutputs(LayerContext main, LayerContext? shortcut, Tensor input, PassPlan plan)
    {
        if (!ReferenceEquals(main.Output, input)) plan.Release(main.Output);
        if (shortcut is not null && !ReferenceEquals(shortcut.Output, input)) plan.Release(shortcut.Output);
    }

    private sealed class BlockContext(Tensor input, Tensor output, LayerContext main, LayerContext? shortcut) : LayerContext(input, output)
    {
        public LayerContext Main { get; } = main;

        public LayerContext? Shortcut { get; } = shortcut;

        public Tensor? MainGradient { get; set; }
    }
}
