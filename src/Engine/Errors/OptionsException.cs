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

/// <summary>Checks single options; every refusal names the option, what it must be and what it is.</summary>
public static class OptionCheck
{
    /// <summary>Refuses an option unless a condition holds.</summary>
    /// <param name="holds">The condition.</param>
    /// <param name="option">Name of the option.</param>
    /// <param name="reason">What it must be and what it is.</param>
    /// <exception cref="OptionsException">It does not hold.</exception>
    public static void That(bool holds, string option, string reason)
    {
        if (!holds) throw new OptionsException(option, reason);
    }

    /// <summary>Refuses a number unless it lies in its range.</summary>
    /// <param name="value">The number; NaN lies in no range.</param>
    /// <param name="fits">Whether it lies in its range.</param>
    /// <param name="range">The range in words, e.g. <c>above 0 and at most 1</c>.</param>
    /// <param name="option">Name of the option; the expression of <paramref name="value"/>.</param>
    /// <exception cref="OptionsException">It does not.</exception>
    public static void InRange(double value, bool fits, string range, [CallerArgumentExpression(nameof(value))] string option = "") =>
        That(fits, option, FormattableString.Invariant($"must be {range}, but is {value}"));

    /// <summary>Refuses a whole number below a bound.</summary>
    /// <param name="value">The number.</param>
    /// <param name="least">The bound.</param>
    /// <param name="option">Name of the option; the expression of <paramref name="value"/>.</param>
    /// <exception cref="OptionsException">It is below the bound.</exception>
    public static void AtLeast(long value, long least, [CallerArgumentExpression(nameof(value))] string option = "") =>
        That(value >= least, option, FormattableString.Invariant($"must be at least {least}, but is {value}"));

    /// <summary>Refuses a whole number outside two bounds.</summary>
    /// <param name="value">The number.</param>
    /// <param name="least">The lower bound.</param>
    /// <param name="most">The upper bound.</param>
    /// <param name="option">Name of the option; the expression of <paramref name="value"/>.</param>
    /// <exception cref="OptionsException">It lies outside.</exception>
    public static void Between(long value, long least, long most, [CallerArgumentExpression(nameof(value))] string option = "") =>
        That(value >= least && value <= most, option, FormattableString.Invariant($"must lie between {least} and {most}, but is {value}"));

    /// <summary>Refuses a number that is none of an enumeration's values.</summary>
    /// <typeparam name="T">The enumeration.</typeparam>
    /// <param name="value">The value.</param>
    /// <param name="option">Name of the option; the expression of <paramref name="value"/>.</param>
    /// <exception cref="OptionsException">It is none of them.</exception>
    public static void Known<T>(T value, [CallerArgumentExpression(nameof(value))] string option = "")
        where T : struct, Enum =>
        That(Enum.IsDefined(value), option, $"must be one of {string.Join(", ", Enum.GetNames<T>())}, but is {value}");
}
