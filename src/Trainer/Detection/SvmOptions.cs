namespace IlgpuSpp.Training;

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

    /// <summary>A negative that overlaps one taken before by more than this is left out.</summary>
    public double DuplicateOverlap { get; init; } = 0.7;

    /// <summary>New negatives of a class after which it is trained again.</summary>
    public int RetrainAfter { get; init; } = 2000;

    /// <summary>Negatives that score above this are hard and kept.</summary>
    public double HardAbove { get; init; } = -1.0001;

    /// <summary>Negatives that score below this after training are dropped.</summary>
    public double EvictBelow { get; init; } = -1.2;
}
