namespace IlgpuSpp.Training;

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
