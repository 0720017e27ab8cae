using System.Xml.Linq;

namespace IlgpuSpp.Reports.Tests;

public sealed class LineChartTests
{
    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    // The plot is 560 - 56 - 20 = 484 wide from x = 56, and with a height of 262 it is 262 - 18 - 44 = 200 high down to y = 218.
    [Fact]
    public void Points_lie_where_arithmetic_puts_them()
    {
        // x runs from 0 to 10, y from 0 to 4: (5, 1) is at 56 + 242 and 218 - 50.
        var chart = new LineChart("t", [new("a", [new(0, 0), new(5, 1), new(10, 4)])]) { Height = 262 };

        Assert.Equal([(56, 218), (298, 168), (540, 18)], Points(chart));
    }

    [Fact]
    public void Logarithmic_decades_are_equally_high_and_what_is_not_positive_is_left_out()
    {
        // y runs over the four decades from 0.001 to 10, 50 units each.
        var chart = new LineChart("t", [new("a", [new(0, 10), new(1, 0), new(2, 0.1), new(3, -4), new(4, 0.001)])]) { Height = 262, LogY = true };

        Assert.Equal([(56, 18), (298, 118), (540, 218)], Points(chart));
    }

    [Fact]
    public void Steps_hold_a_value_until_the_next_point()
    {
        var chart = new LineChart("t", [new("a", [new(0, 4), new(5, 1), new(10, 0)]) { Step = ChartStep.After }]) { Height = 262 };

        Assert.Equal([(56, 18), (298, 18), (298, 168), (540, 168), (540, 218)], Points(chart));
    }

    [Fact]
    public void Steps_reach_a_value_from_the_point_before()
    {
        var chart = new LineChart("t", [new("a", [new(0, 4), new(5, 1), new(5, 0), new(10, 2)]) { Step = ChartStep.Before }]) { Height = 262 };

        Assert.Equal([(56, 18), (56, 168), (298, 168), (298, 218), (298, 118), (540, 118)], Points(chart));
    }

    [Fact]
    public void Of_many_points_in_a_column_the_first_last_lowest_and_highest_are_drawn()
    {
        // 484 units in x: the points from 5 to 5.01 lie within half a unit at 298.
        ChartPoint[] crowd = [.. Enumerable.Range(0, 1000).Select(i => new ChartPoint(5 + (i * 1e-5), i switch { 0 => 2, 300 => 0, 600 => 4, 999 => 3, _ => 1.5 + (i % 7 / 10.0) }))];
        var chart = new LineChart("t", [new("a", [new(0, 1), .. crowd, new(10, 1)])]) { Height = 262 };

        Assert.Equal([168, 118, 218, 18, 68, 168], Points(chart).Select(point => point.Y));
    }

    [Fact]
    public void Axes_cover_their_ranges_and_carry_their_names()
    {
        var svg = Picture(new LineChart("t", [new("a", [new(0.25, 0.5), new(0.75, 0.25)])]) { Height = 262, RangeX = (0, 1), RangeY = (0, 1), XTitle = "recall", YTitle = "precision" });

        Assert.Equal("177,118 419,168", svg.Descendants(Svg + "polyline").Single().Attribute("points")!.Value.ReplaceLineEndings(" "));
        var across = svg.Descendants(Svg + "text").Where(text => (string?)text.Attribute("class") == "x").Select(text => text.Value).ToList();
        Assert.Equal(("0", "1.0"), (across[0], across[^1]));
        Assert.Equal(["recall", "precision"], svg.Descendants(Svg + "text").Where(text => ((string?)text.Attribute("class"))!.EndsWith("title", StringComparison.Ordinal)).Select(text => text.Value));
    }

    [Fact]
    public void Pointer_reads_steps_between_their_points()
    {
        var chart = new LineChart("t", [new("a", [new(0, 1), new(2, 0.5), new(2, 0.25), new(4, 0.75)]) { Step = ChartStep.Before }, new("b", [new(1, 3), new(3, 6)]) { Step = ChartStep.After }]) { XTitle = "x" };

        Assert.Equal(
            ["x 0\na: 1", "x 1\na: 0.5\nb: 3", "x 2\na: 0.5\nb: 3", "x 3\na: 0.75\nb: 6", "x 4\na: 0.75"],
            Picture(chart).Descendants(Svg + "title").Select(title => title.Value.ReplaceLineEndings("\n")));
    }

    [Fact]
    public void Grid_lines_carry_their_labels()
    {
        var chart = new LineChart("t", [new("a", [new(1, 0.25), new(5, 0.75)])]) { Height = 262, PercentY = true, RangeY = (0, 1), WholeX = true };
        var svg = Picture(chart);

        var labels = svg.Descendants(Svg + "text").Where(text => (string?)text.Attribute("class") == "y");
        Assert.Equal(
            [("0%", 218.0), ("20%", 178.0), ("40%", 138.0), ("60%", 98.0), ("80%", 58.0), ("100%", 18.0)],
            labels.Select(text => (text.Value, (double)text.Attribute("y")!)));
        var epochs = svg.Descendants(Svg + "text").Where(text => (string?)text.Attribute("class") == "x");
        Assert.Equal(
            [("1", 56.0), ("2", 177.0), ("3", 298.0), ("4", 419.0), ("5", 540.0)],
            epochs.Select(text => (text.Value, (double)text.Attribute("x")!)));
    }

    [Theory]
    [InlineData(1, "90%", "95%", "100%")]
    [InlineData(0.25, "25%", "30%", "35%")]
    public void Shares_that_are_all_equal_stay_below_the_whole(double share, params string[] expected)
    {
        var svg = Picture(new LineChart("t", [new("a", [new(1, share), new(5, share)])]) { Height = 150, PercentY = true, WholeX = true });
        Assert.Equal(expected, svg.Descendants(Svg + "text").Where(text => (string?)text.Attribute("class") == "y").Select(text => text.Value));
    }

    [Fact]
    public void Pointer_reads_every_series_at_a_place()
    {
        var chart = new LineChart("t", [new("a", [new(1, 0.5), new(2, 0.25)]), new("b", [new(2, 3)])]) { XTitle = "epoch" };

        Assert.Equal(["epoch 1\na: 0.5", "epoch 2\na: 0.25\nb: 3"], Picture(chart).Descendants(Svg + "title").Select(title => title.Value.ReplaceLineEndings("\n")));
    }

    [Fact]
    public void Values_without_end_do_not_spoil_the_chart()
    {
        var chart = new LineChart("t", [new("a", [new(0, 0), new(5, double.NaN), new(6, double.PositiveInfinity), new(7, 1e300), new(10, 4)])]) { Height = 262 };

        Assert.Equal([(56, 218), (540, 18)], Points(chart));
    }

    [Fact]
    public void Chart_of_nothing_says_so()
    {
        var writer = new HtmlWriter();
        new LineChart("t", [new("a", [new(1, double.NaN)])]).WriteTo(writer);

        var figure = XElement.Parse(writer.ToString());
        Assert.Empty(figure.Descendants(Svg + "svg"));
        Assert.Contains("No values.", figure.Value, StringComparison.Ordinal);
    }

    private static XElement Picture(LineChart chart)
    {
        var writer = new HtmlWriter();
        chart.WriteTo(writer);
        return XElement.Parse(writer.ToString()).Descendants(Svg + "svg").Last();
    }

    private static IEnumerable<(double X, double Y)> Points(LineChart chart) =>
        Picture(chart).Descendants(Svg + "polyline").Single().Attribute("points")!.Value
            .Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)
            .Select(pair => pair.Split(','))
            .Select(pair => (double.Parse(pair[0]), double.Parse(pair[1])));
}
