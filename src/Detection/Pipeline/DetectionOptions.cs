namespace IlgpuSpp.Detection;

/// <summary>What scores windows.</summary>
public enum WindowScoring
{
    /// <summary>The network's softmax.</summary>
    Softmax,

    /// <summary>Support vector machines on the responses of a layer, as in the paper.</summary>
    Svm,
}

/// <summary>What of a detector's training its use depends on: the part of the options in its file that detection reads.</summary>
public sealed record DetectorSettings
{
    /// <summary>Where windows get their features.</summary>
    public WindowFeatureOptions Features { get; init; } = new();

    /// <summary>What scores windows by default.</summary>
    public WindowScoring Scoring { get; init; } = WindowScoring.Svm;

    /// <summary>The layer whose responses the support vector machines read; null for what the last layer reads.</summary>
    public string? SvmLayer { get; init; }

    /// <summary>What the sides of boxes are to their regression.</summary>
    public BoxSides BoxSides { get; init; }
}

/// <summary>How detections are chosen among scored windows.</summary>
public sealed record DetectionOptions
{
    /// <summary>What scores windows; null for what the detector was trained with.</summary>
    public WindowScoring? Scoring { get; init; }

    /// <summary>Overlap above which the lower of two detections of a class is dropped.</summary>
    public double SuppressionOverlap { get; init; } = 0.3;

    /// <summary>Smallest score; null for the release's −1.5 of support vector machines and 0.01 of softmax.</summary>
    public double? MinimumScore { get; init; }

    /// <summary>Most detections of an image.</summary>
    public int MostInImage { get; init; } = 100;

    /// <summary>Whether boxes are moved by the detector's regression, or its network's box layer, where it has one.</summary>
    public bool RegressBoxes { get; init; } = true;
}
