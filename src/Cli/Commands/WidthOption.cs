namespace IlgpuSpp.Cli.Commands;

/// <summary><c>--width</c>: a network of the zoo with fewer or more channels.</summary>
internal static class WidthOption
{
    public static Option<double> Create() => new("--width") { Description = $"What the channels and hidden units of the network are multiplied by, above 0 and at most {ModelOptions.MaxWidth}; 1 is the published network.", DefaultValueFactory = _ => 1, HelpName = "factor" };

    /// <exception cref="UsageException">It is out of range.</exception>
    public static double Read(ParseResult parsed, Option<double> option) =>
        parsed.GetValue(option) is var width and > 0 and <= ModelOptions.MaxWidth ? width : throw new UsageException(FormattableString.Invariant($"--width must be above 0 and at most {ModelOptions.MaxWidth}, not {parsed.GetValue(option)}."));
}
