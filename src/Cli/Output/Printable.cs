using System.Globalization;
using System.Text;

namespace IlgpuSpp.Cli.Output;

/// <summary>
/// The one way in which names and messages are printed: in one line, with nothing in it that a terminal obeys. Names of files and
/// classes may hold anything.
/// </summary>
internal static class Printable
{
    /// <summary>The text with control characters, line ends of Unicode, signs that turn the direction of writing and broken surrogates as escapes such as <c>\n</c> or <c>\u001b</c>.</summary>
    public static string Line(string text)
    {
        if (!text.Any(IsEscaped)) return text;
        var line = new StringBuilder(text.Length + 16);
        for (int i = 0; i < text.Length; i++)
        {
            char letter = text[i];
            if (char.IsHighSurrogate(letter) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1])) line.Append(letter).Append(text[++i]);
            else if (!IsEscaped(letter)) line.Append(letter);
            else
            {
                line.Append(letter switch
                {
                    '\n' => "\\n",
                    '\r' => "\\r",
                    '\t' => "\\t",
                    _ => string.Create(CultureInfo.InvariantCulture, $"\\u{(int)letter:x4}"),
                });
            }
        }
        return line.ToString();
    }

    private static bool IsEscaped(char letter) => char.IsControl(letter) || char.IsSurrogate(letter)
        || letter is '\u2028' or '\u2029' or '\u200e' or '\u200f' or (>= '\u202a' and <= '\u202e') or (>= '\u2066' and <= '\u2069');
}

/// <summary>Writes lines to the console.</summary>
internal static class Say
{
    /// <summary>A line of a command's answer.</summary>
    public static void Line(string text) => Console.WriteLine(Printable.Line(text));

    /// <summary>A line on standard error.</summary>
    public static void Error(string text) => Console.Error.WriteLine(Printable.Line(text));
}
