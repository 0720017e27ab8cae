using System.Globalization;

namespace IlgpuSpp.Inference;

/// <summary>One class that an image may show.</summary>
/// <param name="ClassName">Name of the class; its number where the model knows no names.</param>
/// <param name="Index">Number of the class: the output of the network.</param>
/// <param name="Probability">The softmax's probability, 0 to 1.</param>
public sealed record Guess(string ClassName, int Index, double Probability)
{
    /// <summary>Name and probability, e.g. <c>tabby 93.1 %</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{ClassName} {100 * Probability:F1} %");
}
