namespace IlgpuSpp.Training;

/// <summary>The scale at which a window is pooled while the network learns. Detection always takes the best.</summary>
public enum TrainingScale
{
    /// <summary>One drawn at random among the scales, so that objects are seen smaller and larger than at their best scale.</summary>
    Random,

    /// <summary>The one at which the window's area comes closest to the network's crop, as in detection.</summary>
    Best,
}

/// <summary>How layers learn to tell windows apart, whichever layers these are.</summary>
public abstract record WindowTrainingOptions
{
    /// <summary>Updates of the weights.</summary>
    public int Iterations { get; init; } = 3000;

    /// <summary>Windows of an update.</summary>
    public int BatchSize { get; init; } = 128;

    /// <summary>Share of an update's windows that lie on an object, in (0, 1).</summary>
    public double ForegroundShare { get; init; } = 0.25;

    /// <summary>Smallest overlap of a window that counts as its object, below 1.</summary>
    public double ForegroundOverlap { get; init; } = 0.5;

    /// <summary>Smallest overlap of a window that counts as background; such windows overlap less than <see cref="ForegroundOverlap"/>.</summary>
    public double BackgroundOverlap { get; init; } = 0.1;

    /// <summary>The learning rate at first, above 0.</summary>
    public double LearningRate { get; init; } = 1e-3;

    /// <summary>Share of the updates after which the learning rate is divided by ten, in (0, 1].</summary>
    public double DropAfter { get; init; } = 1;

    /// <summary>Share of the updates after which it is divided by ten once more, from <see cref="DropAfter"/> to 1.</summary>
    public double DropAgainAfter { get; init; } = 1;

    /// <summary>Share of the velocity kept, in [0, 1).</summary>
    public double Momentum { get; init; } = 0.9;

    /// <summary>Weight decay, at least 0.</summary>
    public double WeightDecay { get; init; } = 5e-4;

    /// <summary>Whether images are also seen mirrored left to right.</summary>
    public bool Flips { get; init; } = true;

    /// <summary>At which scale windows are pooled for training.</summary>
    public TrainingScale Scale { get; init; }

    /// <summary>Refuses options that cannot work.</summary>
    /// <exception cref="OptionsException">The first option that cannot work, with what it must be.</exception>
    public virtual void Validate()
    {
        OptionCheck.InRange(ForegroundShare, ForegroundShare is > 0 and < 1, "above 0 and below 1");
        OptionCheck.InRange(ForegroundOverlap, ForegroundOverlap is > 0 and < 1, "above 0 and below 1");
        OptionCheck.InRange(BackgroundOverlap, BackgroundOverlap >= 0 && BackgroundOverlap < ForegroundOverlap, FormattableString.Invariant($"at least 0 and below the {ForegroundOverlap} of windows on objects"));
        OptionCheck.InRange(LearningRate, LearningRate > 0, "above 0");
        OptionCheck.InRange(DropAfter, DropAfter is > 0 and <= 1, "above 0 and at most 1");
        OptionCheck.InRange(DropAgainAfter, DropAgainAfter >= DropAfter && DropAgainAfter <= 1, FormattableString.Invariant($"from the {DropAfter} of the first drop to 1"));
        OptionCheck.InRange(Momentum, Momentum is >= 0 and < 1, "at least 0 and below 1");
        OptionCheck.InRange(WeightDecay, WeightDecay >= 0, "at least 0");
        OptionCheck.Known(Scale);
    }

    /// <summary>The learning rate of an update.</summary>
    /// <param name="update">Updates before it.</param>
    internal double LearningRateAt(long update) => update < DropAfter * Iterations ? LearningRate : update < DropAgainAfter * Iterations ? LearningRate / 10 : LearningRate / 100;

    /// <summary>What changes the parameters.</summary>
    /// <param name="backend">Where they lie.</param>
    /// <param name="parameters">Parameters; those without a gradient are left alone.</param>
    internal SgdOptimiser CreateOptimiser(Backend backend, IEnumerable<Parameter> parameters) => new(backend, parameters, Momentum, WeightDecay);
}
