namespace IlgpuSpp.Layers;

/// <summary>
/// Batch normalisation per channel (Ioffe and Szegedy, Algorithm 1; running statistics as in PyTorch).
/// With <see cref="Gamma"/> frozen the layer uses its running statistics in training too and leaves them as they are. In inference behind a convolution of a
/// <see cref="Sequential"/> it becomes part of that layer's weights.
/// Shapes: input <c>[…, c]</c>, output the same.
/// </summary>
public sealed class BatchNorm : Layer
{
    internal const string TypeName = "batch_norm";

    /// <summary>Creates the layer.</summary>
    /// <param name="channels">Channels of the input.</param>
    /// <param name="momentum">Share of the newest batch in the running statistics, in (0, 1].</param>
    /// <param name="epsilon">Added to the variance, above 0.</param>
    public BatchNorm(int channels, float momentum = 0.1f, float epsilon = 1e-5f)
    {
        Momentum = momentum;
        Epsilon = epsilon;
        Gamma = new Parameter("weight", new Shape(channels), new ConstantInitialiser(1)) { DecayMultiplier = 0 };
        Beta = new Parameter("bias", new Shape(channels), new ConstantInitialiser(0)) { DecayMultiplier = 0 };
        RunningMean = new Parameter("running_mean", new Shape(channels), new ConstantInitialiser(0)) { Trainable = false };
        RunningVariance = new Parameter("running_var", new Shape(channels), new ConstantInitialiser(1)) { Trainable = false };
        Parameters = [Gamma, Beta, RunningMean, RunningVariance];
    }

    /// <summary>Share of the newest batch in the running statistics.</summary>
    public float Momentum { get; }

    /// <summary>Added to the variance.</summary>
    public float Epsilon { get; }

    /// <summary>Scale γ, <c>[c]</c>.</summary>
    public Parameter Gamma { get; }

    /// <summary>Shift β, <c>[c]</c>.</summary>
    public Parameter Beta { get; }

    /// <summary>Running mean, <c>[c]</c>.</summary>
    public Parameter RunningMean { get; }

    /// <summary>Running variance, <c>[c]</c>.</summary>
    public Parameter RunningVariance { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<Parameter> Parameters { get; }

    /// <summary>The layer as inference applies it.</summary>
    internal FixedBatchNorm Fixed => new(Gamma.Value, Beta.Value, RunningMean.Value, RunningVariance.Value, Epsilon);

    /// <inheritdoc/>
    public override Shape OutputShape(Shape input) => input.Channels == Gamma.Shape.Count
        ? input
        : throw new ShapeMismatchException(NameOrKind, Gamma.Shape, input, $"the input must have {Gamma.Shape.Count} channels");

    /// <inheritdoc/>
    public override LayerDescription Describe() => new LayerDescription(TypeName).Add("channels", (int)Gamma.Shape.Count).Add("momentum", Momentum).Add("epsilon", Epsilon);

    internal static BatchNorm Read(LayerDescription description) =>
        new(description.Whole("channels", 1, LayerDescription.LargestFeatures), description.Number("momentum"), description.Positive("epsilon"));

    /// <inheritdoc/>
    public override ReceptiveField Receptive(ReceptiveField input) => input;

    /// <inheritdoc/>
    public override string ToOnnx(OnnxGraph graph, OnnxValue input, string name)
    {
        if (input.IsMap)
            return graph.Node("BatchNormalization", name, [input.Name, .. Parameters.Select(parameter => graph.Constant(parameter, name))], ("epsilon", Epsilon));
        // Over rows as a product and a sum: several runtimes normalise maps only.
        float[] gamma = Gamma.Value.ToArray(), beta = Beta.Value.ToArray(), mean = RunningMean.Value.ToArray(), variance = RunningVariance.Value.ToArray();
        var factor = new float[gamma.Length];
        var shift = new float[gamma.Length];
        for (int i = 0; i < gamma.Length; i++)
        {
            double scale = gamma[i] / Math.Sqrt((double)variance[i] + Epsilon);
            factor[i] = (float)scale;
            shift[i] = (float)(beta[i] - mean[i] * scale);
        }
        string scaled = graph.Node("Mul", name + ".scaled", [input.Name, graph.Constant(name + ".factor", factor, 1, factor.Length)]);
        return graph.Node("Add", name, [scaled, graph.Constant(name + ".shift", shift, 1, shift.Length)]);
    }

    /// <inheritdoc/>
    public override LayerContext Plan(Tensor input, PassPlan plan) => plan.Training
        ? new StatisticsContext(input, plan.Allocate(OutputShape(input.Shape)), plan.Allocate(Gamma.Shape), plan.Allocate(Gamma.Shape))
        : new LayerContext(input, plan.Allocate(OutputShape(input.Shape)));

    /// <inheritdoc/>
    public override void Forward(LayerContext context, PassPlan plan, PassState state)
    {
        if (context is StatisticsContext statistics && !Gamma.Frozen)
            plan.Backend.BatchNormForwardTraining(context.Input, Gamma.Value, Beta.Value, context.Output,
                statistics.Mean, statistics.InverseDeviation, RunningMean.Value, RunningVariance.Value, state.Again ? 0 : Momentum, Epsilon);
        else if (!ReferenceEquals(context.Input, context.Output))
            plan.Backend.BatchNormForwardInference(context.Input, Gamma.Value, Beta.Value, context.Output, RunningMean.Value, RunningVariance.Value, Epsilon);
    }

    /// <inheritdoc/>
    public override void Backward(LayerContext context, PassPlan plan, PassState state)
    {
        var statistics = (StatisticsContext)context;
        if (Gamma.Frozen)
        {
            BackwardFrozen(statistics, plan.Backend);
            return;
        }
        // The operation assigns dx, so that a buffer is needed even where nobody asks for it.
        plan.Backend.BatchNormBackward(context.Input, Gamma.Value, statistics.Mean, statistics.InverseDeviation,
            context.OutputGradient!, context.InputGradient!, Gamma.Gradient, Beta.Gradient);
    }

    /// <inheritdoc/>
    public override void PlanBackward(LayerContext context, Tensor outputGradient, PassPlan plan, bool needInputGradient) =>
        base.PlanBackward(context, outputGradient, plan, needInputGradient: true);

    // With fixed statistics the layer is an affine map of each channel: dx = dy·γ/√(running variance + ε), which is the
    // inference operation on dy with a mean and a shift of zero. The forward pass left the place of the batch's mean unused.
    private void BackwardFrozen(StatisticsContext context, Backend backend)
    {
        Tensor zeros = context.Mean;
        backend.Fill(zeros, 0);
        backend.BatchNormForwardInference(context.OutputGradient!, Gamma.Value, zeros, context.InputGradient!, zeros, RunningVariance.Value, Epsilon);
        if (Beta.GradientOrNull is { } betaGradient) backend.ColumnSums(context.OutputGradient!, betaGradient, accumulate: true);
    }

    private sealed class StatisticsContext(Tensor input, Tensor output, Tensor mean, Tensor inverseDeviation) : LayerContext(input, output)
    {
        public Tensor Mean { get; } = mean;

        public Tensor InverseDeviation { get; } = inverseDeviation;
    }
}
