namespace IlgpuSpp.Training;

/// <summary>Always the same learning rate.</summary>
public sealed class ConstantSchedule : LearningRateSchedule
{
    /// <inheritdoc/>
    public override double FactorAt(SchedulePosition position) => 1;
}
