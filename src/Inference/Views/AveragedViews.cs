using IlgpuSpp.Data.Imaging;

namespace IlgpuSpp.Inference;

/// <summary>Several views of every image, whose softmax scores are averaged.</summary>
public abstract class AveragedViews
{
    /// <summary>Name for tables and options, e.g. <c>ten</c>.</summary>
    public abstract string Name { get; }

    /// <summary>Refuses a model that the views do not suit.</summary>
    /// <param name="model">The model.</param>
    /// <exception cref="ArgumentException">The network cannot take the views' input sizes.</exception>
    public abstract void Check(TrainedModel model);

    /// <summary>Makes what scores single images.</summary>
    /// <param name="model">The model; not disposed with the scorer.</param>
    /// <exception cref="ArgumentException">The views do not suit the network.</exception>
    public abstract IImageScorer Open(TrainedModel model);
}

/// <summary>Turns single images into class probabilities, averaged over several views. Thread-safe.</summary>
public interface IImageScorer : IDisposable
{
    /// <summary>The average of the softmax scores of all views.</summary>
    /// <param name="image">The image as decoded, of any size.</param>
    /// <returns><c>[classes]</c>, summing to 1.</returns>
    /// <exception cref="Data.DataFormatException">The image is too long for its smaller side.</exception>
    float[] Score(RgbImage image);
}

/// <summary>The average of several views' scores.</summary>
internal static class MeanScores
{
    /// <summary>The mean of the rows, summed in double precision.</summary>
    /// <param name="scores"><c>[rows, classes]</c>.</param>
    /// <param name="rows">Number of rows.</param>
    public static float[] Of(ReadOnlySpan<float> scores, int rows)
    {
        int classes = scores.Length / rows;
        var mean = new float[classes];
        for (int c = 0; c < classes; c++)
        {
            double sum = 0;
            for (int row = 0; row < rows; row++) sum += scores[row * classes + c];
            mean[c] = (float)(sum / rows);
        }
        return mean;
    }
}
