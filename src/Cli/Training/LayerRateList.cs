using System.Collections.Immutable;
using System.Globalization;
using IlgpuSpp.Cli.Commands;

namespace IlgpuSpp.Cli.Training;

/// <summary>Learning-rate multipliers on the command line: <c>conv*=0.1,fc6=2</c>.</summary>
internal static class LayerRateList
{
    public static ImmutableArray<LayerRate> Parse(string text)
    {
        var rates = ImmutableArray.CreateBuilder<LayerRate>();
        foreach (string part in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            string[] sides = part.Split('=', StringSplitOptions.TrimEntries);
            if (sides.Length != 2 || sides[0].Length == 0 || !double.TryParse(sides[1], NumberStyles.Float, CultureInfo.InvariantCulture, out double factor))
                throw new UsageException($"--lr-mult takes layers and factors such as conv*=0.1,fc6=2; '{part}' is not one.");
            rates.Add(new LayerRate(sides[0], factor));
        }
        return rates.ToImmutable();
    }
}
