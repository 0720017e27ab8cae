namespace IlgpuSpp.Training;

/// <summary>How a detector is trained. Two runs with equal options, data and starting network give the same detector.</summary>
public sealed record DetectorOptions
{
    /// <summary>Where windows get their features.</summary>
    public WindowFeatureOptions Features { get; init; } = new();

    /// <summary>Fine-tuning of the layers behind the pyramid.</summary>
    public FineTuningOptions FineTuning { get; init; } = new();

    /// <summary>
    /// Fine-tuning of the whole network in the place of <see cref="FineTuning"/>, beyond the paper; null for the paper's. A box layer learnt there stands
    /// in for <see cref="Boxes"/>.
    /// </summary>
    public EndToEndOptions? EndToEnd { get; init; }

    /// <summary>The support vector machines.</summary>
    public SvmOptions Svm { get; init; } = new();

    /// <summary>
    /// The layer whose responses the machines read (Table 9): a fully connected one behind the pyramid but the last, by its name, behind the activation that follows it, or
    /// <c>pool5</c> for the pooled windows; null for what the last layer reads.
    /// </summary>
    public string? SvmLayer { get; init; }

    /// <summary>The regression of boxes.</summary>
    public BoxRegressionOptions Boxes { get; init; } = new();

    /// <summary>What the sides of boxes are to their regression: pixels, or the distance of corners as in the release.</summary>
    public BoxSides BoxSides { get; init; }

    /// <summary>What scores windows by default.</summary>
    public WindowScoring Scoring { get; init; } = WindowScoring.Svm;

    /// <summary>Seed of everything drawn at random.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Most bytes of feature maps, or of windows' features, kept in the run's folder while it trains.</summary>
    public long CacheBytes { get; init; } = 4L << 30;
}

/// <summary>How the support vector machines of a detector are trained: the release's values, the paper's rule for similar negatives.</summary>
public sealed record SvmOptions
{
    /// <summary>Whether they are trained at all.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>Cost C, on features of mean length 20.</summary>
    public double Cost { get; init; } = 1e-3;

    /// <summary>Factor of the cost for objects.</summary>
    public double PositiveWeight { get; init; } = 2;

    /// <summary>Value of the bias feature.</summary>
    public double BiasFeature { get; init; } = 10;

    /// <summary>A window is a negative of a class where it overlaps all objects of the class by less than this.</summary>
    public double NegativeOverlap { get; init; } = 0.3;

    /// <summary>A negative that overlaps one taken before by more than this is left out; at 1 those that have the features of one taken before, because they lie on the same responses of one scale (the release).</summary>
    public double DuplicateOverlap { get; init; } = 0.7;

    /// <summary>New negatives of a class after which it is trained again.</summary>
    public int RetrainAfter { get; init; } = 2000;

    /// <summary>Negatives that score above this are hard and kept.</summary>
    public double HardAbove { get; init; } = -1.0001;

    /// <summary>Negatives that score below this after training are dropped.</summary>
    public double EvictBelow { get; init; } = -1.2;
}

/// <summary>How boxes learn to move onto their objects. The defaults are the release's λ and overlap; R-CNN, which the paper follows, has λ 1000 and 0.6, the paper itself 0.5 and no λ.</summary>
public sealed record BoxRegressionOptions
{
    /// <summary>Whether boxes are moved at all.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>λ of the ridge regression, on features of mean length 20.</summary>
    public double Lambda { get; init; } = 4000;

    /// <summary>Windows must overlap their object by more than this to be learnt from.</summary>
    public double Overlap { get; init; } = 0.5;

    /// <summary>Most windows of a class that are learnt from, drawn at random where there are more; 0 for all, as in both sources. Time grows with the cube of their number up to that of the features.</summary>
    public int MostPairs { get; init; }

    /// <summary>Refuses options that cannot work.</summary>
    /// <exception cref="OptionsException">The first option that cannot work, with what it must be.</exception>
    public void Validate()
    {
        OptionCheck.InRange(Lambda, Lambda > 0 && double.IsFinite(Lambda), "above 0");
        OptionCheck.InRange(Overlap, Overlap is >= 0 and < 1, "at least 0 and below 1");
        OptionCheck.AtLeast(MostPairs, 0);
    }
}
