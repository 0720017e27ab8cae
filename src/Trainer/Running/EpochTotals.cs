namespace IlgpuSpp.Training;

/// <summary>Sums over the training batches of an epoch.</summary>
/// <param name="Loss">Sum of the images' losses.</param>
/// <param name="Images">Number of images.</param>
/// <param name="Correct">Images classified right.</param>
internal readonly record struct EpochTotals(double Loss, long Images, long Correct)
{
    public double MeanLoss() => Images == 0 ? double.NaN : Loss / Images;

    public double Accuracy() => Images == 0 ? double.NaN : (double)Correct / Images;
}
