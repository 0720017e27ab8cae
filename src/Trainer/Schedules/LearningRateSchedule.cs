namespace IlgpuSpp.Training;

/// <summary>How the learning rate changes over a run. Schedules that learn from the validation error have a state that is saved with the run.</summary>
public abstract class LearningRateSchedule
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
