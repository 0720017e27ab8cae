using IlgpuSpp.Engine;

namespace IlgpuSpp.Training;

/// <summary>Class scores of some images.</summary>
/// <param name="Samples">Number of each image's sample in the data set; as many as there are images.</param>
/// <param name="Scores">One row an image, perhaps more rows that do not count: <c>[≥ n, c]</c>.</param>
/// <param name="AreProbabilities">Whether the scores are probabilities (an average of softmaxes) rather than the network's raw scores.</param>
public sealed record ScoredBatch(IReadOnlyList<int> Samples, Tensor Scores, bool AreProbabilities);
