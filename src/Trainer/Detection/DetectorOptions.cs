using IlgpuSpp.Detection;

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

    /// <summary>The regression of boxes.</summary>
    public BoxRegressionOptions Boxes { get; init; } = new();

    /// <summary>What scores windows by default.</summary>
    public WindowScoring Scoring { get; init; } = WindowScoring.Svm;

    /// <summary>Seed of everything drawn at random.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Most bytes of feature maps, or of windows' features, kept in the run's folder while it trains.</summary>
    public long CacheBytes { get; init; } = 4L << 30;
}
