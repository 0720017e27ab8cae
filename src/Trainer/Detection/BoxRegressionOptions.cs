namespace IlgpuSpp.Training;

/// <summary>How boxes learn to move onto their objects (the release's values).</summary>
public sealed record BoxRegressionOptions
{
    /// <summary>Whether boxes are moved at all.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>λ of the ridge regression, on features of mean length 20.</summary>
    public double Lambda { get; init; } = 4000;

    /// <summary>Windows must overlap their object by more than this to be learnt from.</summary>
    public double Overlap { get; init; } = 0.5;

    /// <summary>Most windows of a class that are learnt from; drawn at random where there are more. Time grows with the cube.</summary>
    public int MostPairs { get; init; } = 1000;
}
