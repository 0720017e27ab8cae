using System.Xml.Linq;

namespace IlgpuSpp.Reports.Tests;

public sealed class PagePartTests
{
    // A PNG file of one grey pixel, written by an independent encoder.
    private static readonly byte[] Pixel = Convert.FromBase64String(
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg==");

    [Fact]
    public void Bars_are_sorted_shortest_first_and_those_without_a_value_come_last()
    {
        var list = new BarList("t", [new("b", 0.5, "50", ""), new("none", double.NaN, "–", ""), new("c", 1.5, "150", ""), new("a", 0.25, "25", "")]) { InView = 3 };
        var figure = Render(list);

        Assert.Equal(["a", "b", "c", "none"], figure.Descendants("li").Select(item => item.Elements("span").First().Value));
        Assert.Equal(["width:25%", "width:50%", "width:100%", "width:0%"], figure.Descendants("span").Where(span => (string?)span.Attribute("class") == "bar").Select(span => span.Attribute("style")!.Value));
        Assert.Equal("1 more", figure.Descendants("summary").Single().Value);
        Assert.Equal(["none"], figure.Descendants("details").Single().Descendants("li").Select(item => item.Elements("span").First().Value));
    }

    [Fact]
    public void Wrong_cards_come_first_and_otherwise_the_order_is_kept()
    {
        ImageCard Card(string name, CardMark mark) => new(Pixel, name, [], name, mark);
        var grid = Render(new ImageGrid([Card("1", CardMark.Right), Card("2", CardMark.Wrong), Card("3", CardMark.None), Card("4", CardMark.Wrong)]));

        Assert.Equal(["2", "4", "1", "3"], grid.Descendants("img").Select(image => image.Attribute("alt")!.Value));
        Assert.Equal(["wrong", "wrong", "right", "unmarked"], grid.Element("ul")!.Elements("li").Select(card => card.Attribute("class")!.Value));
    }

    [Fact]
    public void Image_of_no_known_format_is_named_instead_of_shown()
    {
        var grid = Render(new ImageGrid([new(new byte[] { 1, 2, 3 }, "t", [], "c", CardMark.None)]));

        Assert.Empty(grid.Descendants("img"));
        Assert.Contains("no preview", grid.Value, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("89504E470D0A1A0A", "data:image/png;base64,iVBORw0KGgo=")]
    [InlineData("FFD8FFE0", "data:image/jpeg;base64,/9j/4A==")]
    [InlineData("474946383961", "data:image/gif;base64,R0lGODlh")]
    [InlineData("524946460000000057454250", "data:image/webp;base64,UklGRgAAAABXRUJQ")]
    [InlineData("424D00", "data:image/bmp;base64,Qk0A")]
    [InlineData("3C73766700", null)]
    [InlineData("", null)]
    public void Image_format_is_told_from_its_first_bytes(string bytes, string? address) =>
        Assert.Equal(address, ImageDataUri.From(Convert.FromHexString(bytes)));

    [Theory]
    [InlineData(4.23, "4.2 s")]
    [InlineData(9.96, "10 s")]
    [InlineData(59.6, "1 min 0 s")]
    [InlineData(292, "4 min 52 s")]
    [InlineData(3900, "1 h 5 min")]
    [InlineData(183600, "2 d 3 h")]
    public void Durations_have_two_units(double seconds, string text) =>
        Assert.Equal(text, ReportNumber.Duration(TimeSpan.FromSeconds(seconds)));

    [Fact]
    public void Long_notes_are_folded_and_nothing_is_lost()
    {
        var notes = Enumerable.Range(0, 600).Select(i => $"file {i}").ToList();
        var list = Render(new NoteList(notes));

        Assert.Equal(500, list.Descendants("li").Count());
        Assert.Equal("596 more", list.Descendants("summary").Single().Value);
        Assert.Contains("and 100 that are not listed here", list.Value, StringComparison.Ordinal);
    }

    [Fact]
    public void Writer_escapes_holes_and_keeps_markup()
    {
        var writer = new HtmlWriter();
        writer.Write($"<b title=\"{"\"'<>&"}\">{"😀\u0000\uDC00"}{-1234.5678}{7}</b>");

        Assert.Equal("<b title=\"&quot;&#39;&lt;&gt;&amp;\">😀\uFFFD\uFFFD-1234.577</b>\n", writer.ToString());
    }

    private static XElement Render(IHtmlPart part)
    {
        var writer = new HtmlWriter();
        part.WriteTo(writer);
        return XElement.Parse(writer.ToString());
    }
}
