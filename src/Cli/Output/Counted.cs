using System.Globalization;

namespace IlgpuSpp.Cli.Output;

/// <summary>Numbers of things in words.</summary>
internal static class Counted
{
    /// <summary><c>1 epoch</c>, <c>2 epochs</c>, <c>1,000 images</c>.</summary>
    /// <param name="count">How many.</param>
    /// <param name="thing">What, in the singular.</param>
    public static string Of(long count, string thing) => string.Create(CultureInfo.InvariantCulture, $"{count:N0} {(count == 1 ? thing : Plural(thing))}");

    private static string Plural(string thing) => thing switch
    {
        _ when thing.EndsWith('s') => thing + "es",
        _ when thing.EndsWith('y') => thing[..^1] + "ies",
        _ => thing + "s",
    };
}
