using System.Globalization;

namespace IlgpuSpp.Cli.Commands;

/// <summary>Ranks of layers as they are written on the command line: <c>fc6=1024,fc7=256</c>.</summary>
internal static class LayerRanks
{
    /// <summary>Reads the list.</summary>
    /// <exception cref="UsageException">It cannot be read.</exception>
    public static IReadOnlyList<LayerRank> Parse(string list)
    {
        var ranks = new List<LayerRank>();
        foreach (string part in list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (part.Split('=') is not [{ Length: > 0 } layer, var number] || !int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out int rank) || rank < 1)
                throw new UsageException($"--ranks takes layers with their ranks, from 1 on, such as fc6=1024,fc7=256, not '{part}'.");
            ranks.Add(new LayerRank(layer, rank));
        }
        return ranks.Count > 0 ? ranks : throw new UsageException("--ranks takes at least one layer, such as fc6=1024.");
    }
}
