namespace IlgpuSpp.Training;

/// <summary>Multiplies the learning rate by a factor every so many epochs.</summary>
/// <param name="factor">The factor, in (0, 1).</param>
/// <param name="epochs">Epochs between two changes, at least 1.</param>
public sealed class StepSchedule(double factor, int epochs) : LearningRateSchedule
{
    /// <inheritdoc/>
    public override double FactorAt(SchedulePosition position) => Math.Pow(factor, position.Epoch / epochs);
}
