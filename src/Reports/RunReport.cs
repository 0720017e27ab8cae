namespace IlgpuSpp.Reports;

/// <summary>Everything that the report of a training run shows.</summary>
internal sealed record RunReport
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

    /// <summary>The command line that repeats the run; empty where there is none.</summary>
    public string Command { get; init; } = "";

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

/// <summary>One line of a list of facts or options.</summary>
/// <param name="Name">The name, for example <c>weight decay</c>.</param>
/// <param name="Value">The value as it is to be shown.</param>
internal sealed record NamedValue(string Name, string Value);

/// <summary>One of the classes that the network considered for an image.</summary>
/// <param name="Name">The class's name.</param>
/// <param name="Probability">The softmax output, 0 to 1.</param>
internal sealed record ClassGuess(string Name, double Probability);

/// <summary>How well one class was recognised in the validation part.</summary>
/// <param name="Name">The class's name.</param>
/// <param name="Images">Images of this class, 0 or more.</param>
/// <param name="Correct">Those of them whose first guess was this class, 0 to <paramref name="Images"/>.</param>
internal sealed record ClassResult(string Name, int Images, int Correct)
{
    /// <summary>The share recognised, 0 to 1; NaN for a class without images.</summary>
    public double Accuracy => Images > 0 ? (double)Correct / Images : double.NaN;
}

/// <summary>What was measured in one epoch. Validation values are null where the epoch was not validated.</summary>
/// <param name="Epoch">The epoch's number, from 1.</param>
/// <param name="Size">The side of the training crops in pixels.</param>
/// <param name="LearningRate">The learning rate at the end of the epoch.</param>
/// <param name="TrainLoss">Mean loss over the epoch's training images.</param>
/// <param name="TrainTop1">Share of training images whose first guess was right, 0 to 1.</param>
/// <param name="ValidationLoss">Mean loss over the validation images.</param>
/// <param name="ValidationTop1">Share of validation images whose first guess was right, 0 to 1.</param>
/// <param name="ValidationTop5">Share of validation images with the true class among the first five guesses, 0 to 1.</param>
/// <param name="Seconds">Wall-clock time of the epoch in seconds.</param>
/// <param name="ImagesPerSecond">Training images per second.</param>
internal sealed record EpochRow(
    int Epoch,
    int Size,
    double LearningRate,
    double TrainLoss,
    double TrainTop1,
    double? ValidationLoss,
    double? ValidationTop1,
    double? ValidationTop5,
    double Seconds,
    double ImagesPerSecond);

/// <summary>A validation image with what the network made of it.</summary>
/// <param name="File">The image's name, shown under it.</param>
/// <param name="Image">
/// The encoded image (PNG, JPEG, GIF, WebP or BMP). It goes into the page as it is, so thumbnails of about 200 pixels keep the page small.
/// </param>
/// <param name="TrueClass">The name of the class that the image belongs to.</param>
/// <param name="Guesses">The most probable classes, best first.</param>
/// <param name="Correct">Whether the first guess is the true class.</param>
internal sealed record ReportSample(
    string File,
    ReadOnlyMemory<byte> Image,
    string TrueClass,
    IReadOnlyList<ClassGuess> Guesses,
    bool Correct);
