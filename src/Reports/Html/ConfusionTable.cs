using System.Globalization;

namespace IlgpuSpp.Reports;

/// <summary>
/// A confusion matrix: up to <see cref="LargestMatrix"/> classes as a table shaded by the share of each row, beyond that as a list of
/// the most frequent mistakes, because a thousand columns tell a reader nothing.
/// </summary>
/// <param name="classes">The classes' names.</param>
/// <param name="counts">Gives the images of a true class (first) and a predicted class (second).</param>
internal sealed class ConfusionTable(IReadOnlyList<string> classes, Func<int, int, int> counts) : IHtmlPart
{
    /// <summary>The most classes that are shown as a matrix.</summary>
    public const int LargestMatrix = 40;

    private const int MostPairs = 30;

    /// <summary>Whether the table is a matrix too wide to stand beside something else.</summary>
    public bool IsWide => classes.Count is > 12 and <= LargestMatrix;

    /// <summary>All kinds of mistakes, most images first, then the largest share, then in the order of the classes.</summary>
    /// <returns>The pairs with at least one image.</returns>
    public IReadOnlyList<ConfusedPair> Pairs()
    {
        var pairs = new List<ConfusedPair>();
        for (var row = 0; row < classes.Count; row++)
        {
            var total = RowTotal(row);
            for (var column = 0; column < classes.Count; column++)
            {
                if (row != column && counts(row, column) > 0)
                    pairs.Add(new ConfusedPair(row, column, counts(row, column), (double)counts(row, column) / total));
            }
        }

        return [.. pairs.OrderByDescending(pair => pair.Count).ThenByDescending(pair => pair.Share)];
    }

    /// <inheritdoc/>
    public void WriteTo(HtmlWriter writer)
    {
        if (classes.Count <= LargestMatrix)
            WriteMatrix(writer);
        else
            WritePairs(writer);
    }

    private void WriteMatrix(HtmlWriter writer)
    {
        var density = classes.Count switch { <= 12 => "wide", <= 26 => "medium", _ => "dense" };
        writer.Write($"""
            <figure class="confusion{(IsWide ? " span" : "")}"><figcaption>Confusion matrix</figcaption>
            <p class="hint">A row for each true class, a column for each prediction; the shade is the share of the row.</p>
            <div class="scroll"><table class="{density}"><thead><tr><td></td>
            """);
        foreach (var name in classes)
            writer.Write($"<th scope=\"col\" title=\"{name}\"><span>{name}</span></th>");
        writer.Write($"</tr></thead><tbody>");
        for (var row = 0; row < classes.Count; row++)
        {
            var total = RowTotal(row);
            writer.Write($"<tr><th scope=\"row\" title=\"{classes[row]}\">{classes[row]}</th>");
            for (var column = 0; column < classes.Count; column++)
                WriteCell(writer, row, column, total);
            writer.Write($"</tr>");
        }

        writer.Write($"</tbody></table></div></figure>");
    }

    private void WriteCell(HtmlWriter writer, int row, int column, long total)
    {
        var count = counts(row, column);
        if (count == 0)
        {
            writer.Write($"<td></td>");
            return;
        }

        var share = (double)count / total;
        // Mistakes are rare where a network is any good: the root keeps the small shares visible.
        var shade = row == column ? share : Math.Sqrt(share);
        var style = (row == column ? "hit" : "miss") + (shade >= 0.88 ? " strong" : "");
        var text = row == column
            ? $"{classes[row]}: {count} of {total} right"
            : $"{classes[row]} taken for {classes[column]}: {count} of {total}";
        writer.Write($"<td class=\"{style}\" style=\"--shade:{shade}\" title=\"{text}\">{count}</td>");
    }

    private void WritePairs(HtmlWriter writer)
    {
        var pairs = Pairs();
        writer.Write($"<figure class=\"confusion\"><figcaption>Most frequent mistakes</figcaption>");
        if (pairs.Count == 0)
        {
            writer.Write($"<p class=\"hint\">No image was taken for another class.</p></figure>");
            return;
        }

        if (pairs.Count > MostPairs)
            writer.Write($"<p class=\"hint\">The first {MostPairs} of {pairs.Count} pairs of classes with mistakes.</p>");
        var rows = pairs.Take(MostPairs).Select(pair => (IReadOnlyList<string>)
        [
            classes[pair.True],
            classes[pair.Predicted],
            pair.Count.ToString(CultureInfo.InvariantCulture),
            ReportNumber.Percent(pair.Share),
        ]);
        writer.Write($"{new DataTable(["True class", "Taken for", "Images", "Of the class"], [.. rows])}</figure>");
    }

    private long RowTotal(int row)
    {
        var total = 0L;
        for (var column = 0; column < classes.Count; column++)
            total += counts(row, column);
        return total;
    }
}

/// <summary>One kind of mistake: images of one class taken for another.</summary>
/// <param name="True">Index of the class that the images belong to.</param>
/// <param name="Predicted">Index of the class that was predicted.</param>
/// <param name="Count">Images so mistaken, at least 1.</param>
/// <param name="Share">Their share of the true class's images, above 0 and at most 1.</param>
internal sealed record ConfusedPair(int True, int Predicted, int Count, double Share);
