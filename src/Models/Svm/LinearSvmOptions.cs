namespace IlgpuSpp.Models;

/// <summary>What a linear support vector machine pays for an example inside the margin; m is 1 − y·(w·x + b).</summary>
public enum SvmLoss
{
    /// <summary>max(0, m): liblinear's <c>-s 3</c>, which the paper's release uses.</summary>
    Hinge,

    /// <summary>max(0, m)²: liblinear's <c>-s 1</c>.</summary>
    SquaredHinge,
}

/// <summary>How a linear support vector machine is trained.</summary>
public sealed record LinearSvmOptions
{
    /// <summary>The loss.</summary>
    public SvmLoss Loss { get; init; }

    /// <summary>Cost of the loss, C, above 0.</summary>
    public double Cost { get; init; } = 1;

    /// <summary>Factor of the cost for positive examples, above 0.</summary>
    public double PositiveWeight { get; init; } = 1;

    /// <summary>Factor of the cost for negative examples, above 0.</summary>
    public double NegativeWeight { get; init; } = 1;

    /// <summary>Value of the feature that is added to every example and whose weight gives the bias (liblinear's <c>-B</c>); 0 for no bias.</summary>
    public double BiasFeature { get; init; } = 1;

    /// <summary>Training ends when the objective is within this share of its optimum, which the dual bounds from below; above 0.</summary>
    public double RelativeGap { get; init; } = 1e-4;

    /// <summary>Most passes over the examples, at least 1.</summary>
    public int MaximumPasses { get; init; } = 1000;

    /// <summary>Seed of the order of the examples.</summary>
    public ulong Seed { get; init; } = 1;

    internal void Check()
    {
        Positive(nameof(Cost), Cost);
        Positive(nameof(PositiveWeight), PositiveWeight);
        Positive(nameof(NegativeWeight), NegativeWeight);
        Positive(nameof(RelativeGap), RelativeGap);
        if (!(BiasFeature >= 0) || !double.IsFinite(BiasFeature)) throw new ArgumentException(FormattableString.Invariant($"{nameof(BiasFeature)} must be at least 0, but is {BiasFeature}."));
        if (MaximumPasses < 1) throw new ArgumentException($"{nameof(MaximumPasses)} must be at least 1, but is {MaximumPasses}.");
        if (!Enum.IsDefined(Loss)) throw new ArgumentException($"{nameof(Loss)} must be {SvmLoss.Hinge} or {SvmLoss.SquaredHinge}, but is {Loss}.");
    }

    private static void Positive(string name, double value)
    {
        if (!(value > 0) || !double.IsFinite(value)) throw new ArgumentException(FormattableString.Invariant($"{name} must be above 0, but is {value}."));
    }
}
