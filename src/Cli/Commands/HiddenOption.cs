namespace IlgpuSpp.Cli.Commands;

/// <summary>Units of the hidden layer of a new head, as <c>train</c> and <c>detect train</c> take them.</summary>
internal static class HiddenOption
{
    private const int Largest = 1 << 16;

    /// <summary>The number that is asked for; null where none is.</summary>
    /// <exception cref="UsageException">It is out of range.</exception>
    public static int? Read(ParseResult parsed, Option<int?> option) => parsed.GetValue(option) is not (< 0 or > Largest) and var hidden
        ? hidden
        : throw new UsageException($"{option.Name} must be from 0 to {Largest}, not {parsed.GetValue(option)}.");
}
