namespace IlgpuSpp.Training;

/// <summary>What a model made of one labelled image.</summary>
/// <param name="Sample">Number of the sample in the data set.</param>
/// <param name="Label">Its class.</param>
/// <param name="Predicted">The class with the highest score.</param>
/// <param name="Probability">Probability of <paramref name="Predicted"/>, 0 to 1.</param>
/// <param name="Rank">How many classes beat the label: 0 means right, below 5 among the best five.</param>
/// <param name="Loss">−log of the label's probability.</param>
public readonly record struct SamplePrediction(int Sample, int Label, int Predicted, float Probability, int Rank, float Loss);
