using System.Globalization;

namespace IlgpuSpp.Cli.Commands;

/// <summary>The options that say what fully connected layers become.</summary>
/// <param name="search">Whether ranks may be left out, to be found.</param>
internal sealed class CompressionSelection(bool search = false)
{
    /// <summary>The rank of layers for which none is given.</summary>
    public const int Sought = 0;

    private readonly Option<string?> _ranks = new("--ranks") { Description = $"Fully connected layers to cut in two and the ranks they are reduced to, e.g. fc6=1024,fc7=256{(search ? "; of layers without a number (fc6,fc7) the smallest with which --max-loss is kept" : "")}.", HelpName = "list" };
    private readonly Option<string?> _int8 = new("--int8") { Description = "Fully connected layers whose weights become 8-bit numbers: a quarter of the file, and about half the time on a processor. A layer that is also in --ranks becomes two of them.", HelpName = "layers" };

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        command.Add(_ranks);
        command.Add(_int8);
    }

    /// <summary>What was asked for; nothing where neither option is given.</summary>
    /// <exception cref="UsageException">A list cannot be read.</exception>
    public CompressionPlan Read(ParseResult parsed) => new(
        parsed.GetValue(_ranks) is { } ranks ? Ranks(ranks) : [],
        parsed.GetValue(_int8) is { } layers ? Names(layers) : []);

    private static string[] Names(string list) => list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) is { Length: > 0 } names
        ? [.. names.Distinct(StringComparer.Ordinal)]
        : throw new UsageException("--int8 takes at least one layer, such as fc6,fc7.");

    private List<LayerRank> Ranks(string list)
    {
        var ranks = new List<LayerRank>();
        foreach (string part in list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (search && !part.Contains('='))
            {
                ranks.Add(new LayerRank(part, Sought));
                continue;
            }
            if (part.Split('=') is not [{ Length: > 0 } layer, var number] || !int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out int rank) || rank < 1)
                throw new UsageException($"--ranks takes layers with their ranks, from 1 on, such as fc6=1024,fc7=256, not '{part}'.");
            ranks.Add(new LayerRank(layer, rank));
        }
        return ranks.Count > 0 ? ranks : throw new UsageException("--ranks takes at least one layer, such as fc6=1024.");
    }
}
