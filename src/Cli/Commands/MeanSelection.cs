namespace IlgpuSpp.Cli.Commands;

/// <summary><c>--mean</c>: another mean than the network's own.</summary>
internal sealed class MeanSelection
{
    private readonly Option<float?> _mean = new("--mean") { Description = "Subtract this from every channel in the place of the network's own mean; 128 in the paper for VOC 2007 and Caltech-101.", HelpName = "0..255" };

    public void AddTo(Command command) => command.Add(_mean);

    /// <summary>The mean asked for, or null.</summary>
    /// <exception cref="UsageException">It is no value of a pixel.</exception>
    public float? Of(ParseResult parsed) => parsed.GetValue(_mean) switch
    {
        null => null,
        >= 0 and <= 255 and var mean => mean,
        var other => throw new UsageException(FormattableString.Invariant($"--mean must be from 0 to 255, not {other}.")),
    };
}
