namespace IlgpuSpp.Training;

/// <summary>Sums over the images of one batch.</summary>
/// <param name="Loss">Sum of the losses.</param>
/// <param name="Images">Images that count.</param>
/// <param name="Correct">Images classified right.</param>
internal readonly record struct StepTotals(double Loss, int Images, int Correct)
{
    /// <summary>Whether the mean loss is a number.</summary>
    public bool IsFinite => double.IsFinite(Loss);

    public double MeanLoss => Images == 0 ? 0 : Loss / Images;
}
