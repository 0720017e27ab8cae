using System.Collections.Immutable;
using System.Globalization;

namespace IlgpuSpp.Cli.Commands;

/// <summary>Pyramid levels on the command line: <c>6,3,2,1</c> or <c>none</c>.</summary>
internal static class LevelList
{
    public static ImmutableArray<int> Parse(string text)
    {
        if (text.Equals("none", StringComparison.OrdinalIgnoreCase)) return [];
        var levels = ImmutableArray.CreateBuilder<int>();
        foreach (string part in text.Split(',', StringSplitOptions.TrimEntries))
        {
            if (!int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out int level) || level is < 1 or > Pyramid.MaxLevel)
                throw new UsageException($"--levels takes numbers of bins from 1 to {Pyramid.MaxLevel}, such as 6,3,2,1, or none; '{part}' is neither.");
            levels.Add(level);
        }
        return levels.ToImmutable();
    }
}
