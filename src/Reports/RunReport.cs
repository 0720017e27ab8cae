namespace IlgpuSpp.Reports;

/// <summary>Everything that the report of a training run shows.</summary>
public sealed record RunReport
{
    /// <summary>The page's heading, for example the run's name.</summary>
    public required string Title { get; init; }

    /// <summary>The network with its pyramid, for example <c>spp-small {6,3,2,1}</c>.</summary>
    public required string Architecture { get; init; }

    /// <summary>The device that trained.</summary>
    public required string Device { get; init; }

    /// <summary>When the run started.</summary>
    public required DateTimeOffset Started { get; init; }

    /// <summary>How long the run took, interruptions left out.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>The data in one line: images and classes of each part.</summary>
    public required string DatasetSummary { get; init; }

    /// <summary>The options of the run, in the order in which they are shown.</summary>
    public IReadOnlyList<NamedValue> Options { get; init; } = [];

    /// <summary>The epochs in order; may be empty.</summary>
    public IReadOnlyList<EpochRow> Epochs { get; init; } = [];

    /// <summary>The number of the epoch whose weights were kept as the best; null where none was validated.</summary>
    public int? BestEpoch { get; init; }

    /// <summary>The classes' names, in the order of the network's outputs.</summary>
    public IReadOnlyList<string> Classes { get; init; } = [];

    /// <summary>
    /// Validation images counted by true class (row) and first guess (column), <c>[classes, classes]</c>;
    /// null where nothing was validated.
    /// </summary>
    public int[,]? ConfusionMatrix { get; init; }

    /// <summary>Results by class, in any order.</summary>
    public IReadOnlyList<ClassResult> PerClass { get; init; } = [];

    /// <summary>Example predictions, in any order; the wrong ones are shown first.</summary>
    public IReadOnlyList<ReportSample> Samples { get; init; } = [];

    /// <summary>What the reader should know, a line each, for example files that could not be decoded.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];
}
