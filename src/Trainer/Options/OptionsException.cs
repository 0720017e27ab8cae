namespace IlgpuSpp.Training;

/// <summary>A training option has a value that cannot work.</summary>
public sealed class OptionsException : ArgumentException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="option">Name of the option in <see cref="TrainerOptions"/>.</param>
    /// <param name="reason">What it must be and what it is.</param>
    public OptionsException(string option, string reason)
        : base($"{option} {reason}.") => Option = option;

    /// <summary>Name of the option in <see cref="TrainerOptions"/>.</summary>
    public string Option { get; }
}
