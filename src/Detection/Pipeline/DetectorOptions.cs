namespace IlgpuSpp.Detection;

/// <summary>What scores windows.</summary>
public enum WindowScoring
{
    /// <summary>The network's softmax.</summary>
    Softmax,

    /// <summary>Support vector machines on what the network's last layer reads, as in the paper.</summary>
    Svm,
}

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

/// <summary>How detections are chosen among scored windows.</summary>
public sealed record DetectionOptions
{
    /// <summary>What scores windows; null for what the detector was trained with.</summary>
    public WindowScoring? Scoring { get; init; }

    /// <summary>Overlap above which the lower of two detections of a class is dropped.</summary>
    public double SuppressionOverlap { get; init; } = 0.3;

    /// <summary>Smallest score; null for the paper's −1.5 of support vector machines and 0.01 of softmax.</summary>
    public double? MinimumScore { get; init; }

    /// <summary>Most detections of an image.</summary>
    public int MostInImage { get; init; } = 100;

    /// <summary>Whether boxes are moved by the detector's regression, or its network's box layer, where it has one.</summary>
    public bool RegressBoxes { get; init; } = true;
}
