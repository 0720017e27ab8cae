namespace IlgpuSpp.Training;

/// <summary>Lets the learning rate of another schedule rise linearly over the first W updates: the n-th of them has n/W of it.</summary>
/// <param name="inner">The other schedule.</param>
/// <param name="epochs">Length of the rise in epochs, above 0.</param>
public sealed class WarmupSchedule(LearningRateSchedule inner, double epochs) : LearningRateSchedule
{
    /// <inheritdoc/>
    public override double FactorAt(SchedulePosition position)
    {
        long warmup = Updates(epochs, position.UpdatesPerEpoch);
        double factor = inner.FactorAt(position);
        return position.UpdatesBefore >= warmup ? factor : factor * (position.UpdatesBefore + 1) / warmup;
    }

    /// <inheritdoc/>
    public override void Observe(double error) => inner.Observe(error);

    /// <inheritdoc/>
    public override string SaveState() => inner.SaveState();

    /// <inheritdoc/>
    public override void LoadState(string state) => inner.LoadState(state);

    internal static long Updates(double epochs, int updatesPerEpoch) => (long)Math.Round(epochs * updatesPerEpoch, MidpointRounding.AwayFromZero);
}
