namespace IlgpuSpp.Training;

/// <summary>Counts of images by true and by predicted class.</summary>
public sealed class ConfusionMatrix
{
    private readonly int[] _counts;

    /// <summary>Creates a matrix of zeros.</summary>
    /// <param name="classes">Number of classes, at least 1.</param>
    public ConfusionMatrix(int classes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(classes, 1);
        Classes = classes;
        _counts = new int[checked(classes * classes)];
    }

    /// <summary>Number of classes.</summary>
    public int Classes { get; }

    /// <summary>Images of one class taken for another.</summary>
    /// <param name="label">The true class.</param>
    /// <param name="predicted">The predicted class.</param>
    public int this[int label, int predicted] => _counts[Index(label, predicted)];

    /// <summary>Images of a class.</summary>
    /// <param name="label">The true class.</param>
    public int ImagesOf(int label)
    {
        int sum = 0;
        for (int j = 0; j < Classes; j++) sum += this[label, j];
        return sum;
    }

    /// <summary>Share of a class's images that were recognised, 0 to 1; NaN for a class without images.</summary>
    /// <param name="label">The class.</param>
    public double AccuracyOf(int label) => ImagesOf(label) is var images and > 0 ? (double)this[label, label] / images : double.NaN;

    /// <summary>Mean of <see cref="AccuracyOf"/> over the classes that have images.</summary>
    public double MeanClassAccuracy => Enumerable.Range(0, Classes).Where(c => ImagesOf(c) > 0).Select(AccuracyOf).DefaultIfEmpty(double.NaN).Average();

    /// <summary>Counts one image.</summary>
    /// <param name="label">The true class.</param>
    /// <param name="predicted">The predicted class.</param>
    public void Add(int label, int predicted) => _counts[Index(label, predicted)]++;

    private int Index(int label, int predicted)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)label, (uint)Classes, nameof(label));
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)predicted, (uint)Classes, nameof(predicted));
        return label * Classes + predicted;
    }
}
