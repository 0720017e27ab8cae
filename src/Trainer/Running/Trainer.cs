using System.Collections.Immutable;
using IlgpuSpp.Data;
using IlgpuSpp.Models;
using Microsoft.Extensions.Logging;

namespace IlgpuSpp.Training;

/// <summary>Trains a model as the paper does (section 3.1), at one or several input sizes, into a run folder.</summary>
/// <param name="model">The model; trained in place, not disposed.</param>
/// <param name="options">How it is trained.</param>
/// <param name="logger">Receives notes and warnings.</param>
/// <param name="progress">Receives where the run is, on the training thread.</param>
public sealed class Trainer(Model model, TrainerOptions options, ILogger? logger = null, IProgress<TrainingProgress>? progress = null)
{
    /// <summary>What the caller wants to find in <c>config.json</c> again, such as the command line.</summary>
    public ImmutableSortedDictionary<string, string> Notes { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>Trains from the model's present weights.</summary>
    /// <param name="train">The images to train on.</param>
    /// <param name="validation">The images to measure on, of the same classes.</param>
    /// <param name="runFolder">Where the run is kept; created where missing.</param>
    /// <param name="overwrite">Whether a run that is already in the folder is replaced.</param>
    /// <param name="cancellationToken">Ends the run after the present step; <c>last.safetensors</c> is saved first.</param>
    /// <exception cref="OptionsException">An option cannot work.</exception>
    /// <exception cref="RunFolderException">The folder holds another run or cannot be written.</exception>
    /// <exception cref="DatasetException">The data cannot be used.</exception>
    /// <exception cref="DivergedException">The loss became NaN or infinite.</exception>
    public RunResult Fit(ImageDataset train, ImageDataset validation, string runFolder, bool overwrite = false, CancellationToken cancellationToken = default) =>
        throw new NotImplementedException($"{model}{options}{logger}{progress}");

    /// <summary>Goes on from <c>last.safetensors</c> of a run that was interrupted, or lengthens one that is complete: bit for bit as if it had never stopped.</summary>
    /// <param name="train">The same images to train on.</param>
    /// <param name="validation">The same images to measure on.</param>
    /// <param name="runFolder">The run's folder.</param>
    /// <param name="cancellationToken">Ends the run after the present step; <c>last.safetensors</c> is saved first.</param>
    /// <exception cref="OptionsException">An option cannot work or differs from the run's where it may not.</exception>
    /// <exception cref="RunFolderException">The folder holds no run to resume or cannot be written.</exception>
    /// <exception cref="DatasetException">The data is not that of the run.</exception>
    /// <exception cref="DivergedException">The loss became NaN or infinite.</exception>
    public RunResult Resume(ImageDataset train, ImageDataset validation, string runFolder, CancellationToken cancellationToken = default) =>
        throw new NotImplementedException($"{model}{options}{logger}{progress}");
}
