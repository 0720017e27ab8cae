namespace IlgpuSpp.Reports;

/// <summary>Cards with images, as many in a row as the page has room for; those marked wrong first, otherwise in the order given.</summary>
/// <param name="cards">The cards.</param>
internal sealed class ImageGrid(IReadOnlyList<ImageCard> cards) : IHtmlPart
{
    /// <summary>A line above the cards that names them; may be empty.</summary>
    public string Title { get; init; } = "";

    /// <summary>A line above the cards that says how to read them; may be empty.</summary>
    public string Hint { get; init; } = "";

    /// <summary>Whether the cards are large and their images whole.</summary>
    public bool IsLarge { get; init; }

    /// <summary>Whether the cards take one column of a wide page, for two grids side by side.</summary>
    public bool IsHalf { get; init; }

    /// <inheritdoc/>
    public void WriteTo(HtmlWriter writer)
    {
        writer.Write($"<div class=\"pictures{(IsLarge ? " large" : "")}{(IsHalf ? " half" : "")}\">");
        if (Title.Length > 0)
            writer.Write($"<h3>{Title}</h3>");
        if (Hint.Length > 0)
            writer.Write($"<p class=\"hint\">{Hint}</p>");
        if (cards.Count == 0)
        {
            writer.Write($"<p class=\"none\">None.</p></div>");
            return;
        }

        writer.Write($"<ul class=\"images\">");
        foreach (var card in cards.OrderBy(card => card.Mark == CardMark.Wrong ? 0 : 1))
        {
            var (style, mark) = card.Mark switch
            {
                CardMark.Wrong => ("wrong", "✗ wrong"),
                CardMark.Right => ("right", "✓ right"),
                CardMark.Missed => ("missed", "○ missed"),
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

/// <summary>An image with what there is to say about it.</summary>
/// <param name="Image">The encoded image; where no browser shows its format, the card says so.</param>
/// <param name="Title">The line over the bars.</param>
/// <param name="Bars">Short bars under the image, in the order given.</param>
/// <param name="Caption">The last line, for example the file's name; may be empty.</param>
/// <param name="Mark">How the card is set off.</param>
internal sealed record ImageCard(ReadOnlyMemory<byte> Image, string Title, IReadOnlyList<BarItem> Bars, string Caption, CardMark Mark);

/// <summary>How a card of an <see cref="ImageGrid"/> is set off.</summary>
internal enum CardMark
{
    /// <summary>Not at all.</summary>
    None,

    /// <summary>As a success.</summary>
    Right,

    /// <summary>As a failure.</summary>
    Wrong,

    /// <summary>As something that was there and not found.</summary>
    Missed,
}

/// <summary>Turns encoded images into addresses that hold the image itself.</summary>
internal static class ImageDataUri
{
    /// <summary>Makes a <c>data:</c> address.</summary>
    /// <param name="image">An encoded image.</param>
    /// <returns>The address; null where the bytes start like no format that browsers show (PNG, JPEG, GIF, WebP, BMP).</returns>
    public static string? From(ReadOnlySpan<byte> image)
    {
        var type = MediaType(image);
        return type is null ? null : $"data:{type};base64,{Convert.ToBase64String(image)}";
    }

    private static string? MediaType(ReadOnlySpan<byte> image) => image switch
    {
        [0x89, (byte)'P', (byte)'N', (byte)'G', ..] => "image/png",
        [0xFF, 0xD8, 0xFF, ..] => "image/jpeg",
        [(byte)'G', (byte)'I', (byte)'F', (byte)'8', ..] => "image/gif",
        [(byte)'R', (byte)'I', (byte)'F', (byte)'F', _, _, _, _, (byte)'W', (byte)'E', (byte)'B', (byte)'P', ..] => "image/webp",
        [(byte)'B', (byte)'M', ..] => "image/bmp",
        _ => null,
    };
}
