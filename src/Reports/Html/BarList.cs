namespace IlgpuSpp.Reports;

/// <summary>
/// Horizontal bars sorted by length, shortest first, because in a report on accuracy those are the ones to look at;
/// bars without a value come last. Of long lists only the shortest are in view, the others can be opened.
/// </summary>
/// <param name="caption">What the bars show.</param>
/// <param name="items">The bars, in any order.</param>
internal sealed class BarList(string caption, IReadOnlyList<BarItem> items) : IHtmlPart
{
    /// <summary>The most bars in view.</summary>
    public int InView { get; init; } = 40;

    /// <summary>Whether the list takes the whole width of the page, in columns.</summary>
    public bool IsWide { get; init; }

    /// <inheritdoc/>
    public void WriteTo(HtmlWriter writer)
    {
        var sorted = items
            .OrderBy(item => double.IsNaN(item.Share) ? double.PositiveInfinity : item.Share)
            .ThenBy(item => item.Name, StringComparer.Ordinal)
            .ToList();
        writer.Write($"<figure class=\"bars{(IsWide ? " span" : "")}\"><figcaption>{caption}</figcaption>");
        WriteBars(writer, sorted.Take(InView));
        if (sorted.Count > InView)
        {
            writer.Write($"<details><summary>{sorted.Count - InView} more</summary>");
            WriteBars(writer, sorted.Skip(InView));
            writer.Write($"</details>");
        }

        writer.Write($"</figure>");
    }

    private static void WriteBars(HtmlWriter writer, IEnumerable<BarItem> bars)
    {
        writer.Write($"<ul>");
        foreach (var bar in bars)
        {
            var length = double.IsNaN(bar.Share) ? 0 : Math.Clamp(bar.Share, 0, 1) * 100;
            writer.Write($"""
                <li><span class="name" title="{bar.Name}">{bar.Name}</span><span class="track"><span class="bar" style="width:{length}%"></span></span><span class="value">{bar.Text}</span><span class="detail">{bar.Detail}</span></li>
                """);
        }

        writer.Write($"</ul>");
    }
}

/// <summary>One bar of a <see cref="BarList"/>.</summary>
/// <param name="Name">What the bar stands for.</param>
/// <param name="Share">Its length, 0 to 1; NaN where there is no value.</param>
/// <param name="Text">The value as it is to be read.</param>
/// <param name="Detail">Where the value comes from, for example <c>46 of 56</c>; may be empty.</param>
internal sealed record BarItem(string Name, double Share, string Text, string Detail);
