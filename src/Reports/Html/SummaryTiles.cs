namespace IlgpuSpp.Reports;

/// <summary>The row of large numbers at the top of a report.</summary>
/// <param name="tiles">The numbers, in order.</param>
internal sealed class SummaryTiles(IReadOnlyList<SummaryTile> tiles) : IHtmlPart
{
    /// <inheritdoc/>
    public void WriteTo(HtmlWriter writer)
    {
        writer.Write($"<ul class=\"tiles\">");
        foreach (var tile in tiles)
            writer.Write($"<li><span class=\"name\">{tile.Name}</span><strong>{tile.Value}</strong><span class=\"detail\">{tile.Detail}</span></li>");
        writer.Write($"</ul>");
    }
}

/// <summary>One number that a reader looks for first.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Value">The number with its unit.</param>
/// <param name="Detail">A line that puts it into place; may be empty.</param>
internal sealed record SummaryTile(string Name, string Value, string Detail);
