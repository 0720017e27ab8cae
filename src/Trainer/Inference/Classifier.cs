using IlgpuSpp.Data.Imaging;
using IlgpuSpp.Engine;
using IlgpuSpp.Models;

namespace IlgpuSpp.Training;

/// <summary>Names what images of any size show. Thread-safe.</summary>
public sealed class Classifier : IDisposable
{
    private Classifier(Model model) => Model = model;

    /// <summary>The model.</summary>
    public Model Model { get; }

    /// <summary>Opens a model file.</summary>
    /// <param name="modelPath">The model, e.g. <c>best.safetensors</c> of a run.</param>
    /// <param name="backend">Where it runs; not disposed with the classifier.</param>
    /// <param name="options">How images are fitted to the network.</param>
    public static Classifier Load(string modelPath, IBackend backend, ClassifierOptions? options = null) => throw new NotImplementedException();

    /// <summary>Names what an image file shows.</summary>
    /// <param name="path">The image; the format is told by its content.</param>
    /// <param name="top">Number of classes wanted, at least 1; no more than the model has are given.</param>
    /// <returns>The most probable classes, best first.</returns>
    public IReadOnlyList<Guess> Predict(string path, int top = 5) => throw new NotImplementedException();

    /// <summary>Names what an image shows.</summary>
    /// <param name="image">The image, of any size.</param>
    /// <param name="top">Number of classes wanted, at least 1; no more than the model has are given.</param>
    /// <returns>The most probable classes, best first.</returns>
    public IReadOnlyList<Guess> Predict(RgbImage image, int top = 5) => throw new NotImplementedException();

    /// <inheritdoc/>
    public void Dispose() => Model.Dispose();
}
