namespace IlgpuSpp.Reports;

/// <summary>A plain table of numbers; it scrolls sideways where the page is too narrow.</summary>
/// <param name="columns">The columns' headings.</param>
/// <param name="rows">The rows, each with one cell a column.</param>
internal sealed class DataTable(IReadOnlyList<string> columns, IReadOnlyList<IReadOnlyList<string>> rows) : IHtmlPart
{
    /// <summary>The index of a row to set off from the others, or null.</summary>
    public int? Marked { get; init; }

    /// <inheritdoc/>
    public void WriteTo(HtmlWriter writer)
    {
        writer.Write($"<div class=\"scroll\"><table class=\"data\"><thead><tr>");
        foreach (var column in columns)
            writer.Write($"<th scope=\"col\">{column}</th>");
        writer.Write($"</tr></thead><tbody>");
        for (var i = 0; i < rows.Count; i++)
        {
            writer.Write($"<tr class=\"{(i == Marked ? "marked" : "plain")}\">");
            foreach (var cell in rows[i])
                writer.Write($"<td>{cell}</td>");
            writer.Write($"</tr>");
        }

        writer.Write($"</tbody></table></div>");
    }
}
