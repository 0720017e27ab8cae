namespace IlgpuSpp.Training;

/// <summary>What a training run brought.</summary>
public sealed record RunResult
{
    /// <summary>How it ended.</summary>
    public required RunOutcome Outcome { get; init; }

    /// <summary>Whether the run had ended before this call, which found nothing to do.</summary>
    public bool HadEnded { get; init; }

    /// <summary>The run's folder.</summary>
    public required string RunFolder { get; init; }

    /// <summary>The best epoch, or null where the run was interrupted before the first evaluation.</summary>
    public BestEpoch? BestOrNull { get; init; }

    /// <summary>The best epoch.</summary>
    /// <exception cref="InvalidOperationException">The run was interrupted before the first evaluation.</exception>
    public BestEpoch Best => BestOrNull ?? throw new InvalidOperationException("The run was interrupted before its first evaluation; there is no best epoch yet. Resume it.");

    /// <summary>All finished epochs, those before a resumption included.</summary>
    public required IReadOnlyList<EpochMetrics> Epochs { get; init; }

    /// <summary>Weight updates done, those before a resumption included.</summary>
    public required long Updates { get; init; }

    /// <summary>Time of this call.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary>Time of the run, those of the calls before a resumption included: the seconds of its epochs, and of an unfinished one.</summary>
    public required TimeSpan TrainingTime { get; init; }

    /// <summary>Names of training images that could not be decoded and were skipped.</summary>
    public IReadOnlyList<string> Undecodable { get; init; } = [];

    /// <summary>The best weights' file, whether or not it exists yet.</summary>
    public string BestModel => Path.Combine(RunFolder, Training.RunFolder.BestName);
}

/// <summary>How a run ended.</summary>
public enum RunOutcome
{
    /// <summary>All epochs are done.</summary>
    Completed,

    /// <summary>The validation accuracy had not improved for the epochs of <see cref="TrainerOptions.EarlyStoppingPatience"/>.</summary>
    StoppedEarly,

    /// <summary>Cancelled; <c>last.safetensors</c> holds the state to resume from.</summary>
    Interrupted,
}
