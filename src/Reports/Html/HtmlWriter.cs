using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace IlgpuSpp.Reports;

/// <summary>
/// Collects markup from interpolated strings: their literal parts are markup, their holes are text and are escaped,
/// so that a name can never become an element. Numbers are written in the invariant culture.
/// </summary>
internal sealed class HtmlWriter
{
    private readonly StringBuilder builder = new();

    /// <summary>Appends markup.</summary>
    /// <param name="markup">An interpolated string; also where it has no holes.</param>
    public void Write([InterpolatedStringHandlerArgument("")] Markup markup)
    {
        // The handler has appended its parts by now, one after the other as they were evaluated; a line's end keeps the page readable.
        _ = markup;
        builder.Append('\n');
    }

    /// <summary>Everything written so far.</summary>
    /// <returns>The markup.</returns>
    public override string ToString() => builder.ToString();

    private void WriteEscaped(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            switch (c)
            {
                case '&': builder.Append("&amp;"); break;
                case '<': builder.Append("&lt;"); break;
                case '>': builder.Append("&gt;"); break;
                case '"': builder.Append("&quot;"); break;
                case '\'': builder.Append("&#39;"); break;
                default:
                    if (char.IsHighSurrogate(c) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
                        builder.Append(c).Append(text[++i]);
                    else
                        builder.Append(IsAllowed(c) ? c : '\uFFFD');
                    break;
            }
        }
    }

    // The characters of XML 1.0 less the C1 controls, which HTML does not allow. A surrogate here is one without its partner.
    private static bool IsAllowed(char c) =>
        c is '\t' or '\n' or '\r' || (c >= ' ' && c is not (>= '\u007F' and <= '\u009F' or '\uFFFE' or '\uFFFF') && !char.IsSurrogate(c));

    /// <summary>The compiler's way from an interpolated string to the writer.</summary>
    [InterpolatedStringHandler]
    public readonly ref struct Markup
    {
        private readonly HtmlWriter writer;

        /// <summary>Called by the compiler.</summary>
        /// <param name="literalLength">Characters of markup.</param>
        /// <param name="formattedCount">Number of holes.</param>
        /// <param name="writer">The writer.</param>
        public Markup(int literalLength, int formattedCount, HtmlWriter writer)
        {
                this.writer = writer;
            writer.builder.EnsureCapacity(writer.builder.Length + literalLength + (8 * formattedCount));
        }

        /// <summary>Appends markup as it is.</summary>
        /// <param name="markup">A literal of the program.</param>
        public void AppendLiteral(string markup) => writer.builder.Append(markup);

        /// <summary>Appends text, escaped for elements and quoted attributes; characters that a page may not hold become U+FFFD.</summary>
        /// <param name="text">The text; null counts as empty.</param>
        public void AppendFormatted(string? text) => writer.WriteEscaped(text ?? "");

        /// <summary>Appends a whole number.</summary>
        /// <param name="value">The number.</param>
        public void AppendFormatted(int value) => writer.builder.Append(CultureInfo.InvariantCulture, $"{value}");

        /// <summary>Appends a number.</summary>
        /// <param name="value">The number.</param>
        /// <param name="format">A .NET format; two decimals at most where none is given.</param>
        public void AppendFormatted(double value, string format = "0.##") =>
            writer.WriteEscaped(value.ToString(format, CultureInfo.InvariantCulture));

        /// <summary>Appends a piece of a page.</summary>
        /// <param name="part">The piece; null counts as empty.</param>
        public void AppendFormatted(IHtmlPart? part) => part?.WriteTo(writer);
    }
}
