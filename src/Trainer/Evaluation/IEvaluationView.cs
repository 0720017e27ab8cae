using IlgpuSpp.Data;
using IlgpuSpp.Models;

namespace IlgpuSpp.Training;

/// <summary>
/// What of an image a network sees, and how the scores of several looks become one. An <see cref="Evaluator"/> turns the
/// scores into accuracies.
/// </summary>
public interface IEvaluationView
{
    /// <summary>Name for tables and options, e.g. <c>crop</c>.</summary>
    string Name { get; }

    /// <summary>Scores every image of a data set once.</summary>
    /// <param name="model">The model.</param>
    /// <param name="data">The images.</param>
    /// <param name="options">Batch size and loading.</param>
    /// <param name="undecodable">Receives the names of images that could not be decoded.</param>
    /// <param name="cancellationToken">Ends the enumeration with an <see cref="OperationCanceledException"/>.</param>
    /// <returns>Batches in any order; each is valid until the next is asked for.</returns>
    IEnumerable<ScoredBatch> Score(Model model, ImageDataset data, EvaluatorOptions options, ICollection<string> undecodable, CancellationToken cancellationToken);
}
