namespace IlgpuSpp.Reports;

/// <summary>Names with their values, in as many columns as the page has room for.</summary>
/// <param name="values">The lines, in order.</param>
public sealed class ValueList(IReadOnlyList<NamedValue> values) : IHtmlPart
{
    /// <inheritdoc/>
    public void WriteTo(HtmlWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        if (values.Count == 0)
            return;
        writer.Write($"<dl class=\"values\">");
        foreach (var value in values)
            writer.Write($"<div><dt>{value.Name}</dt><dd>{value.Value}</dd></div>");
        writer.Write($"</dl>");
    }
}
