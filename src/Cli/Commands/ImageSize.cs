using System.Globalization;

namespace IlgpuSpp.Cli.Commands;

/// <summary>Image sizes on the command line: <c>224</c> or <c>WIDTHxHEIGHT</c>, and lists of square ones.</summary>
internal static class ImageSize
{
    /// <summary>The longest side that an option takes.</summary>
    public const int Largest = 16384;

    /// <summary>Reads what <c>--size</c> says.</summary>
    public static (int Width, int Height) Parse(string text)
    {
        string[] parts = text.Split('x', 'X');
        if (parts.Length is 1 or 2 && parts.All(IsSide))
        {
            int width = int.Parse(parts[0], CultureInfo.InvariantCulture);
            return (width, parts.Length == 1 ? width : int.Parse(parts[1], CultureInfo.InvariantCulture));
        }
        throw new UsageException($"--size takes a number of pixels such as 224, or WIDTHxHEIGHT, from 1 to {Largest}, not '{text}'.");
    }

    public static int[] ParseSides(string text, string option)
    {
        string[] parts = text.Split(',', StringSplitOptions.TrimEntries);
        if (!parts.All(IsSide)) throw new UsageException($"{option} takes numbers of pixels such as 224,180, from 1 to {Largest}, not '{text}'.");
        return [.. parts.Select(part => int.Parse(part, CultureInfo.InvariantCulture))];
    }

    private static bool IsSide(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int side) && side is >= 1 and <= Largest;
}
