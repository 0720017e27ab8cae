namespace IlgpuSpp.Training;

/// <summary>How the learning rate changes over a run. Schedules that learn from the validation error have a state that is saved with the run.</summary>
internal abstract class LearningRateSchedule
{
    /// <summary>What the learning rate is multiplied by.</summary>
    /// <param name="position">The update that is about to be done.</param>
    public abstract double FactorAt(SchedulePosition position);

    /// <summary>Takes note of a measurement.</summary>
    /// <param name="error">Validation error, 0 to 1.</param>
    public virtual void Observe(double error)
    {
    }

    /// <summary>What the schedule has learnt, as JSON.</summary>
    public virtual string SaveState() => "{}";

    /// <summary>Restores what <see cref="SaveState"/> gave.</summary>
    /// <param name="state">The JSON.</param>
    public virtual void LoadState(string state)
    {
    }

    /// <summary>The schedule that options ask for, warm-up included.</summary>
    /// <param name="options">The options.</param>
    public static LearningRateSchedule Create(TrainerOptions options)
    {
        LearningRateSchedule schedule = options.Schedule switch
        {
            ScheduleKind.Plateau => new PlateauSchedule(options.LearningRateFactor, options.PlateauPatience, options.PlateauDrops),
            ScheduleKind.Step => new StepSchedule(options.LearningRateFactor, options.StepEpochs),
            ScheduleKind.Cosine => new CosineSchedule(options.Epochs, options.WarmupEpochs, options.CosineFinalShare, options.CosineRestarts),
            _ => new ConstantSchedule(),
        };
        return options.WarmupEpochs > 0 ? new WarmupSchedule(schedule, options.WarmupEpochs) : schedule;
    }
}

/// <summary>Where in a run a learning rate is asked for.</summary>
/// <param name="Epoch">The epoch, from 0.</param>
/// <param name="Update">The weight update in the epoch, from 0.</param>
/// <param name="UpdatesPerEpoch">Weight updates of an epoch, at least 1.</param>
internal readonly record struct SchedulePosition(int Epoch, int Update, int UpdatesPerEpoch)
{
    /// <summary>Updates before this one, over all epochs.</summary>
    public long UpdatesBefore => (long)Epoch * UpdatesPerEpoch + Update;
}

/// <summary>Always the same learning rate.</summary>
internal sealed class ConstantSchedule : LearningRateSchedule
{
    /// <inheritdoc/>
    public override double FactorAt(SchedulePosition position) => 1;
}

/// <summary>Multiplies the learning rate by a factor every so many epochs.</summary>
/// <param name="factor">The factor, in (0, 1).</param>
/// <param name="epochs">Epochs between two changes, at least 1.</param>
internal sealed class StepSchedule(double factor, int epochs) : LearningRateSchedule
{
    /// <inheritdoc/>
    public override double FactorAt(SchedulePosition position) => Math.Pow(factor, position.Epoch / epochs);
}

/// <summary>Lets the learning rate of another schedule rise linearly over the first W updates: the n-th of them has n/W of it.</summary>
/// <param name="inner">The other schedule.</param>
/// <param name="epochs">Length of the rise in epochs, above 0.</param>
internal sealed class WarmupSchedule(LearningRateSchedule inner, double epochs) : LearningRateSchedule
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
