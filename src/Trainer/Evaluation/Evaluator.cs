using IlgpuSpp.Data;
using IlgpuSpp.Models;

namespace IlgpuSpp.Training;

/// <summary>Measures a model on labelled images.</summary>
/// <param name="model">The model; not disposed.</param>
/// <param name="options">How it is measured.</param>
public sealed class Evaluator(Model model, EvaluatorOptions? options = null)
{
    private readonly EvaluatorOptions _options = options ?? new EvaluatorOptions();

    /// <summary>Measures with one of the built-in views.</summary>
    /// <param name="data">The images.</param>
    /// <param name="view">What the network sees of them.</param>
    /// <param name="progress">Receives the number of images done.</param>
    /// <param name="cancellationToken">Stops the measurement.</param>
    /// <exception cref="DatasetException">The data has other classes than the model, or too many images that cannot be decoded.</exception>
    /// <exception cref="OperationCanceledException">The measurement was stopped.</exception>
    public EvaluationResult Evaluate(ImageDataset data, EvaluationView view = EvaluationView.Crop, IProgress<int>? progress = null, CancellationToken cancellationToken = default) =>
        throw new NotImplementedException($"{model} {_options} {data} {view} {progress} {cancellationToken}");

    /// <summary>Measures with any view.</summary>
    /// <param name="data">The images.</param>
    /// <param name="view">What the network sees of them.</param>
    /// <param name="progress">Receives the number of images done.</param>
    /// <param name="cancellationToken">Stops the measurement.</param>
    /// <exception cref="DatasetException">The data has other classes than the model, or too many images that cannot be decoded.</exception>
    /// <exception cref="OperationCanceledException">The measurement was stopped.</exception>
    public EvaluationResult Evaluate(ImageDataset data, IEvaluationView view, IProgress<int>? progress = null, CancellationToken cancellationToken = default) =>
        throw new NotImplementedException($"{model} {_options} {data} {view} {progress} {cancellationToken}");
}
