namespace IlgpuSpp.Training;

/// <summary>How the learning rate changes from epoch to epoch.</summary>
public enum ScheduleKind
{
    /// <summary>The paper's: multiplied by a factor (a tenth) when the validation error has stopped improving.</summary>
    Plateau,

    /// <summary>Multiplied by a factor every so many epochs.</summary>
    Step,

    /// <summary>Half a cosine from the learning rate down to its final share, step by step (Loshchilov and Hutter, "SGDR", without restarts).</summary>
    Cosine,

    /// <summary>Always the same.</summary>
    Constant,
}
