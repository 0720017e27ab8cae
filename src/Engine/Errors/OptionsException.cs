namespace IlgpuSpp.Engine;

/// <summary>An option has a value that cannot work.</summary>
public sealed class OptionsException : IlgpuSppException
{
    /// <summary>Creates the exception for an option of a whole run or object.</summary>
    /// <param name="option">Name of the option.</param>
    /// <param name="reason">What it must be and what it is.</param>
    public OptionsException(string option, string reason)
        : base($"{option} {reason}.") => Option = option;

    /// <summary>Creates the exception for an option of one operation.</summary>
    /// <param name="operation">The operation, e.g. <c>MaxPoolForward</c>.</param>
    /// <param name="option">Name of the option.</param>
    /// <param name="reason">What it must be and what it is.</param>
    public OptionsException(string operation, string option, string reason)
        : base($"{operation}: {option} {reason}.") => Option = option;

    /// <summary>Name of the option.</summary>
    public string Option { get; }
}
