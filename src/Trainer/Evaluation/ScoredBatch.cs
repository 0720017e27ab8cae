using IlgpuSpp.Engine;

namespace IlgpuSpp.Training;

/// <summary>Class scores of some images.</summary>
/// <param name="Samples">The sample of the data set that each row scores; −1 for a row that does not count. <c>[n]</c>.</param>
/// <param name="Scores">The scores, <c>[n, c]</c>.</param>
/// <param name="AreProbabilities">Whether the scores are probabilities (an average of softmaxes) rather than the network's raw scores.</param>
public sealed record ScoredBatch(ReadOnlyMemory<int> Samples, Tensor Scores, bool AreProbabilities = false);
