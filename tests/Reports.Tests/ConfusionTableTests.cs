using System.Xml.Linq;

namespace IlgpuSpp.Reports.Tests;

public sealed class ConfusionTableTests
{
    [Fact]
    public void Cells_hold_the_counts_and_the_shares_of_their_rows()
    {
        var figure = Render(Table(["cat", "dog", "owl"], new[,] { { 6, 2, 0 }, { 0, 5, 0 }, { 0, 0, 0 } }));

        var rows = figure.Descendants("tbody").Single().Elements("tr").ToList();
        Assert.Equal(["cat", "6", "2", ""], rows[0].Elements().Select(cell => cell.Value));
        Assert.Equal(["dog", "", "5", ""], rows[1].Elements().Select(cell => cell.Value));
        Assert.Equal(["owl", "", "", ""], rows[2].Elements().Select(cell => cell.Value));

        // 6 of 8 are right: 0.75. 2 of 8 are not: the root of 0.25.
        var cat = rows[0].Elements("td").ToList();
        Assert.Equal(("hit", "--shade:0.75", "cat: 6 of 8 right"), Look(cat[0]));
        Assert.Equal(("miss", "--shade:0.5", "cat taken for dog: 2 of 8"), Look(cat[1]));
        Assert.Equal(("hit strong", "--shade:1", "dog: 5 of 5 right"), Look(rows[1].Elements("td").ElementAt(1)));
    }

    [Fact]
    public void Pairs_are_sorted_by_images_then_share()
    {
        var table = Table(["cat", "dog", "owl"], new[,] { { 6, 2, 0 }, { 3, 5, 2 }, { 2, 0, 2 } });

        Assert.Equal(
            [new(1, 0, 3, 0.3), new(2, 0, 2, 0.5), new(0, 1, 2, 0.25), new(1, 2, 2, 0.2)],
            table.Pairs());
    }

    [Theory]
    [InlineData(40, 40, 41)]
    [InlineData(41, 30, 4)]
    public void Forty_classes_make_a_matrix_and_more_a_list(int classes, int rows, int cells)
    {
        var counts = new int[classes, classes];
        for (var i = 0; i < classes; i++)
            (counts[i, i], counts[i, (i + 1) % classes]) = (3, 1);
        var figure = Render(Table([.. Enumerable.Range(0, classes).Select(i => $"class {i}")], counts));

        var body = figure.Descendants("tbody").Single().Elements("tr").ToList();
        Assert.Equal(rows, body.Count);
        Assert.All(body, row => Assert.Equal(cells, row.Elements().Count()));
        if (classes == 41)
        {
            Assert.Equal(["class 0", "class 1", "1", "25.0%"], body[0].Elements().Select(cell => cell.Value));
            Assert.Contains("The first 30 of 41", figure.Value, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Many_classes_without_a_mistake_say_so()
    {
        var counts = new int[50, 50];
        for (var i = 0; i < 50; i++)
            counts[i, i] = 2;

        Assert.Contains("No image was taken for another class.", Render(Table(new string[50], counts)).Value, StringComparison.Ordinal);
    }

    private static (string? Style, string? Shade, string? Title) Look(XElement cell) =>
        ((string?)cell.Attribute("class"), (string?)cell.Attribute("style"), (string?)cell.Attribute("title"));

    private static XElement Render(ConfusionTable table)
    {
        var writer = new HtmlWriter();
        table.WriteTo(writer);
        return XElement.Parse(writer.ToString());
    }

    private static ConfusionTable Table(IReadOnlyList<string> classes, int[,] counts) => new(classes, (row, column) => counts[row, column]);
}
