namespace IlgpuSpp.Training;

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
