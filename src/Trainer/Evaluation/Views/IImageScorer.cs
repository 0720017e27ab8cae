using IlgpuSpp.Data.Imaging;

namespace IlgpuSpp.Training;

/// <summary>Turns single images into class probabilities, averaged over several views. Thread-safe.</summary>
public interface IImageScorer : IDisposable
{
    /// <summary>The average of the softmax scores of all views.</summary>
    /// <param name="image">The image as decoded, of any size.</param>
    /// <returns><c>[classes]</c>, summing to 1.</returns>
    /// <exception cref="Data.DataFormatException">The image is too long for its smaller side.</exception>
    float[] Score(RgbImage image);
}
