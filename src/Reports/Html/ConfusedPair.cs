namespace IlgpuSpp.Reports;

/// <summary>One kind of mistake: images of one class taken for another.</summary>
/// <param name="True">Index of the class that the images belong to.</param>
/// <param name="Predicted">Index of the class that was predicted.</param>
/// <param name="Count">Images so mistaken, at least 1.</param>
/// <param name="Share">Their share of the true class's images, above 0 and at most 1.</param>
public sealed record ConfusedPair(int True, int Predicted, int Count, double Share);
