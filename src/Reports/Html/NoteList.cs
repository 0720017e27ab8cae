namespace IlgpuSpp.Reports;

/// <summary>Remarks, a line each; the first few are in view, more can be opened.</summary>
/// <param name="notes">The remarks, in order.</param>
internal sealed class NoteList(IReadOnlyList<string> notes) : IHtmlPart
{
    private const int InView = 4;
    private const int Most = 500;

    /// <inheritdoc/>
    public void WriteTo(HtmlWriter writer)
    {
        if (notes.Count == 0)
            return;
        writer.Write($"<div class=\"notes\">");
        WriteLines(writer, notes.Take(InView));
        if (notes.Count > InView)
        {
            writer.Write($"<details><summary>{notes.Count - InView} more</summary>");
            WriteLines(writer, notes.Skip(InView).Take(Most - InView));
            if (notes.Count > Most)
                writer.Write($"<p>and {notes.Count - Most} that are not listed here</p>");
            writer.Write($"</details>");
        }

        writer.Write($"</div>");
    }

    private static void WriteLines(HtmlWriter writer, IEnumerable<string> lines)
    {
        writer.Write($"<ul>");
        foreach (var line in lines)
            writer.Write($"<li>{line}</li>");
        writer.Write($"</ul>");
    }
}

/// <summary>Names with their values, in as many columns as the page has room for.</summary>
/// <param name="values">The lines, in order.</param>
internal sealed class ValueList(IReadOnlyList<NamedValue> values) : IHtmlPart
{
    /// <inheritdoc/>
    public void WriteTo(HtmlWriter writer)
    {
        if (values.Count == 0)
            return;
        writer.Write($"<dl class=\"values\">");
        foreach (var value in values)
            writer.Write($"<div><dt>{value.Name}</dt><dd>{value.Value}</dd></div>");
        writer.Write($"</dl>");
    }
}

/// <summary>A command line to copy, broken where it is longer than the page is wide.</summary>
/// <param name="command">The command line.</param>
internal sealed class CommandLine(string command) : IHtmlPart
{
    /// <inheritdoc/>
    public void WriteTo(HtmlWriter writer)
    {
        writer.Write($"<pre class=\"command\">{command}</pre>");
    }
}

/// <summary>One line of a list of facts or options.</summary>
/// <param name="Name">The name, for example <c>weight decay</c>.</param>
/// <param name="Value">The value as it is to be shown.</param>
internal sealed record NamedValue(string Name, string Value);
