using System.CommandLine.Parsing;
using System.Text.RegularExpressions;

namespace IlgpuSpp.Cli.Commands;

/// <summary>Enumeration values on the command line, written <c>like-this</c>.</summary>
internal static partial class Kebab
{
    public static T Parse<T>(ArgumentResult result)
        where T : struct, Enum
    {
        string text = result.Tokens[0].Value;
        foreach (T value in Enum.GetValues<T>())
            if (Of(value).Equals(text, StringComparison.OrdinalIgnoreCase) || value.ToString().Equals(text, StringComparison.OrdinalIgnoreCase))
                return value;
        string[] names = [.. Enum.GetValues<T>().Select(Of)];
        string option = result.Parent is OptionResult { Option.Name: var name } ? name : result.Argument.Name;
        result.AddError($"{option} takes one of {string.Join(", ", names)}, not '{text}'{Spelling.Suggestion(text, names)}");
        return default;
    }

    public static T? ParseOptional<T>(ArgumentResult result)
        where T : struct, Enum => Parse<T>(result);

    public static string Of<T>(T value)
        where T : struct, Enum => Of(value.ToString());

    public static string Of(string name) => WordStart().Replace(name, "$1-$2").ToLowerInvariant();

    [GeneratedRegex("([a-z0-9])([A-Z])")]
    private static partial Regex WordStart();
}
