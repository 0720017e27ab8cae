namespace IlgpuSpp.Layers;

/// <summary>
/// Inverted dropout: in training each element is zeroed with the given probability and the others are divided by the
/// rest; in inference the layer does nothing. Shapes: output as input.
/// </summary>
public sealed class Dropout : Layer
{
    internal const string TypeName = "dropout", RateKey = "rate";

    /// <summary>Creates the layer.</summary>
    /// <param name="rate">Probability of a zero, in [0, 1).</param>
    public Dropout(float rate = 0.5f)
    {
        OptionCheck.InRange(rate, rate is >= 0 and < 1, "in [0, 1)");
        Rate = rate;
    }

    /// <summary>Probability of a zero.</summary>
    public float Rate { get; }

    /// <inheritdoc/>
    public override string Kind => FormattableString.Invariant($"Dropout {Rate:0.##}");

    /// <inheritdoc/>
    public override Shape OutputShape(Shape input) => input;

    /// <inheritdoc/>
    public override LayerDescription Describe() => new LayerDescription(TypeName).Add(RateKey, Rate);

    internal static Dropout Read(LayerDescription description) => new(description.Number(RateKey));

    /// <inheritdoc/>
    public override ReceptiveField Receptive(ReceptiveField input) => input;

    /// <inheritdoc/>
    public override string ToOnnx(OnnxGraph graph, OnnxValue input, string name) => input.Name;

    /// <inheritdoc/>
    public override LayerContext Plan(Tensor input, PassPlan plan) =>
        new(input, plan.Training && Rate > 0 ? plan.Allocate(input.Shape) : input);

    /// <inheritdoc/>
    public override void Forward(LayerContext context, PassPlan plan, PassState state)
    {
        if (!ReferenceEquals(context.Input, context.Output))
            plan.Backend.DropoutForward(context.Input, context.Output, Rate, Key(state));
    }

    /// <inheritdoc/>
    public override void PlanBackward(LayerContext context, Tensor outputGradient, PassPlan plan, bool needInputGradient)
    {
        context.OutputGradient = outputGradient;
        context.InputGradient = outputGradient;
    }

    /// <inheritdoc/>
    public override void Backward(LayerContext context, PassPlan plan, PassState state)
    {
        if (!ReferenceEquals(context.Input, context.Output))
            plan.Backend.DropoutBackward(context.OutputGradient!, context.InputGradient!, Rate, Key(state));
    }

    private RandomKey Key(PassState state) => new(state.Seed, RandomStream, state.Step);
}
