namespace IlgpuSpp.Training;

/// <summary>
/// Half a cosine, update by update (Loshchilov and Hutter, "SGDR", equation 5, without restarts):
/// <c>f + (1 − f)·½·(1 + cos(π·t/T))</c> with t and T counted from the end of the warm-up.
/// </summary>
/// <param name="epochs">Epochs of the run.</param>
/// <param name="warmupEpochs">Epochs of the warm-up, below <paramref name="epochs"/>.</param>
/// <param name="finalShare">f, in [0, 1].</param>
public sealed class CosineSchedule(int epochs, double warmupEpochs, double finalShare) : LearningRateSchedule
{
    /// <inheritdoc/>
    public override double FactorAt(SchedulePosition position)
    {
        long warmup = WarmupSchedule.Updates(warmupEpochs, position.UpdatesPerEpoch);
        double total = Math.Max(1, (double)epochs * position.UpdatesPerEpoch - warmup);
        double share = Math.Clamp((position.UpdatesBefore - warmup) / total, 0, 1);
        return finalShare + (1 - finalShare) * 0.5 * (1 + Math.Cos(Math.PI * share));
    }
}
