namespace IlgpuSpp.Training;

/// <summary>How well a model does on labelled images. Accuracies are shares from 0 to 1.</summary>
public sealed record EvaluationResult
{
    /// <summary>Name of the view, e.g. <c>crop</c> or <c>full</c>.</summary>
    public required string View { get; init; }

    /// <summary>The classes, in the order of rows and columns of <see cref="Confusion"/>.</summary>
    public required IReadOnlyList<string> ClassNames { get; init; }

    /// <summary>Number of images that count.</summary>
    public required int Images { get; init; }

    /// <summary>Share of the images whose class had the highest score.</summary>
    public required double Top1 { get; init; }

    /// <summary>Share of the images whose class was among the five highest scores.</summary>
    public required double Top5 { get; init; }

    /// <summary>Mean of −log of the label's probability.</summary>
    public required double Loss { get; init; }

    /// <summary>Images of class i (row) taken for class j (column), <c>[c, c]</c>.</summary>
    public required ConfusionMatrix Confusion { get; init; }

    /// <summary>Every image's prediction, in the order of the data set.</summary>
    public required IReadOnlyList<SamplePrediction> Predictions { get; init; }

    /// <summary>Seconds it took.</summary>
    public required double Seconds { get; init; }

    /// <summary>Names of the images that could not be decoded and do not count.</summary>
    public IReadOnlyList<string> Undecodable { get; init; } = [];
}
