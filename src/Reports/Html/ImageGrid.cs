namespace IlgpuSpp.Reports;

/// <summary>Cards with images, as many in a row as the page has room for; those marked wrong first, otherwise in the order given.</summary>
/// <param name="cards">The cards.</param>
public sealed class ImageGrid(IReadOnlyList<ImageCard> cards) : IHtmlPart
{
    /// <summary>A line above the cards that says how to read them; may be empty.</summary>
    public string Hint { get; init; } = "";

    /// <inheritdoc/>
    public void WriteTo(HtmlWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.Write($"<div class=\"pictures\">");
        if (Hint.Length > 0)
            writer.Write($"<p class=\"hint\">{Hint}</p>");
        writer.Write($"<ul class=\"images\">");
        foreach (var card in cards.OrderBy(card => card.Mark == CardMark.Wrong ? 0 : 1))
        {
            var (style, mark) = card.Mark switch
            {
                CardMark.Wrong => ("wrong", "✗ wrong"),
                CardMark.Right => ("right", "✓ right"),
                _ => ("unmarked", ""),
            };
            writer.Write($"<li class=\"{style}\"><div class=\"shot\">");
            if (ImageDataUri.From(card.Image.Span) is { } source)
                writer.Write($"<img alt=\"{card.Caption}\" src=\"{source}\" />");
            else
                writer.Write($"<span>no preview</span>");
            writer.Write($"</div><p class=\"title\"><span>{card.Title}</span><span class=\"mark\">{mark}</span></p><ul class=\"guesses\">");
            foreach (var bar in card.Bars)
            {
                var length = double.IsNaN(bar.Share) ? 0 : Math.Clamp(bar.Share, 0, 1) * 100;
                writer.Write($"<li><span class=\"fill\" style=\"width:{length}%\"></span><span class=\"name\">{bar.Name}</span><span class=\"value\">{bar.Text}</span></li>");
            }

            writer.Write($"</ul><p class=\"caption\" title=\"{card.Caption}\">{card.Caption}</p></li>");
        }

        writer.Write($"</ul></div>");
    }
}
