namespace IlgpuSpp.Training;

/// <summary>
/// Half a cosine, update by update (Loshchilov and Hutter, "SGDR", equation 5):
/// <c>f + (1 − f)·½·(1 + cos(π·t/T))</c> with t and T counted from the end of the warm-up. At a restart it begins anew over
/// the epochs to the next one or to the end, after a linear rise as long as the warm-up, or of one epoch where there was none.
/// </summary>
/// <param name="epochs">Epochs of the run.</param>
/// <param name="warmupEpochs">Epochs of the warm-up, below <paramref name="epochs"/>.</param>
/// <param name="finalShare">f, in [0, 1].</param>
/// <param name="restarts">Epochs, counted from 0, at which it begins anew, in rising order.</param>
internal sealed class CosineSchedule(int epochs, double warmupEpochs, double finalShare, IReadOnlyList<int>? restarts = null) : LearningRateSchedule
{
    private readonly int[] _ends = [.. restarts ?? [], epochs];

    /// <inheritdoc/>
    public override double FactorAt(SchedulePosition position)
    {
        int part = Math.Max(0, Array.FindIndex(_ends, end => position.Epoch < end)), begin = part == 0 ? 0 : _ends[part - 1];
        long update = position.UpdatesBefore - (long)begin * position.UpdatesPerEpoch;
        long warmup = WarmupSchedule.Updates(part > 0 && warmupEpochs == 0 ? 1 : warmupEpochs, position.UpdatesPerEpoch);
        double total = Math.Max(1, (double)(_ends[part] - begin) * position.UpdatesPerEpoch - warmup);
        double share = Math.Clamp((update - warmup) / total, 0, 1);
        double factor = finalShare + (1 - finalShare) * 0.5 * (1 + Math.Cos(Math.PI * share));
        return part > 0 && update < warmup ? factor * (update + 1) / warmup : factor;
    }
}
