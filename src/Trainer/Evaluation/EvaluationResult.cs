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

/// <summary>What a model made of one labelled image.</summary>
/// <param name="Sample">Number of the sample in the data set.</param>
/// <param name="Label">Its class.</param>
/// <param name="Predicted">The class with the highest score.</param>
/// <param name="Probability">Probability of <paramref name="Predicted"/>, 0 to 1.</param>
/// <param name="Rank">How many classes beat the label: 0 means right, below 5 among the best five.</param>
/// <param name="Loss">−log of the label's probability.</param>
public readonly record struct SamplePrediction(int Sample, int Label, int Predicted, float Probability, int Rank, float Loss);

/// <summary>How closely two measurements of one model on the same images agree.</summary>
/// <param name="Images">Images that both measured.</param>
/// <param name="SameClass">Share of them with the same most probable class, 0 to 1.</param>
/// <param name="MeanDifference">Mean of the absolute difference of the label's probability.</param>
/// <param name="LargestDifference">Largest of these differences.</param>
public sealed record ViewAgreement(int Images, double SameClass, double MeanDifference, double LargestDifference)
{
    /// <summary>Compares two measurements.</summary>
    /// <param name="one">The one.</param>
    /// <param name="other">The other, of the same images.</param>
    public static ViewAgreement Of(EvaluationResult one, EvaluationResult other)
    {
        Dictionary<int, SamplePrediction> others = other.Predictions.ToDictionary(p => p.Sample);
        int images = 0, same = 0;
        double sum = 0, largest = 0;
        foreach (SamplePrediction prediction in one.Predictions)
        {
            if (!others.TryGetValue(prediction.Sample, out SamplePrediction match)) continue;
            images++;
            if (prediction.Predicted == match.Predicted) same++;
            double difference = Math.Abs(Math.Exp(-prediction.Loss) - Math.Exp(-match.Loss));
            sum += difference;
            largest = Math.Max(largest, difference);
        }
        return images == 0 ? new ViewAgreement(0, double.NaN, double.NaN, double.NaN) : new ViewAgreement(images, (double)same / images, sum / images, largest);
    }
}
