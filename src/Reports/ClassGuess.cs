namespace IlgpuSpp.Reports;

/// <summary>One of the classes that the network considered for an image.</summary>
/// <param name="Name">The class's name.</param>
/// <param name="Probability">The softmax output, 0 to 1.</param>
public sealed record ClassGuess(string Name, double Probability);
