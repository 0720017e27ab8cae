namespace IlgpuSpp.Training;

/// <summary>
/// What of an image a network sees, and how the scores of several looks become one. An <see cref="Evaluator"/> turns the
/// scores into accuracies. Implementations hold no state between calls.
/// </summary>
public interface IEvaluationView
{
    /// <summary>Name for tables and options, e.g. <c>crop</c>.</summary>
    string Name { get; }

    /// <summary>Refuses a model that the view does not suit.</summary>
    /// <param name="model">The model.</param>
    /// <exception cref="ArgumentException">The network cannot take the view's input sizes.</exception>
    void Check(TrainedModel model);

    /// <summary>Scores every image that can be decoded once.</summary>
    /// <param name="context">The model, the images and the means.</param>
    /// <returns>Batches in any order; each is valid until the next is asked for.</returns>
    /// <exception cref="OperationCanceledException">The measurement was stopped (thrown while enumerating).</exception>
    internal IEnumerable<ScoredBatch> Score(EvaluationContext context);
}

/// <summary>Class scores of some images.</summary>
/// <param name="Samples">The sample of the data set that each row scores; −1 for a row that does not count. <c>[n]</c>.</param>
/// <param name="Scores">The scores, <c>[n, c]</c>.</param>
/// <param name="AreProbabilities">Whether the scores are probabilities (an average of softmaxes) rather than the network's raw scores.</param>
internal sealed record ScoredBatch(ReadOnlyMemory<int> Samples, Tensor Scores, bool AreProbabilities = false);
