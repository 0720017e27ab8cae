namespace IlgpuSpp.Reports;

/// <summary>How well one class was recognised in the validation part.</summary>
/// <param name="Name">The class's name.</param>
/// <param name="Images">Images of this class, 0 or more.</param>
/// <param name="Correct">Those of them whose first guess was this class, 0 to <paramref name="Images"/>.</param>
public sealed record ClassResult(string Name, int Images, int Correct)
{
    /// <summary>The share recognised, 0 to 1; NaN for a class without images.</summary>
    public double Accuracy => Images > 0 ? (double)Correct / Images : double.NaN;
}
