using System.Globalization;

namespace IlgpuSpp.Reports;

/// <summary>
/// A line chart as an inline SVG picture with a legend: several series over one axis each way.
/// Colours come from the page's style sheet. Resting the pointer on a place shows the values there; no script is needed.
/// </summary>
/// <param name="title">What the chart shows.</param>
/// <param name="series">The lines; at most six are told apart by colour.</param>
internal sealed class LineChart(string title, IReadOnlyList<ChartSeries> series) : IHtmlPart
{
    private const double Left = 56;
    private const double Right = 20;
    private const double Top = 18;
    private const double Bottom = 44;
    private const int MostColumns = 250;

    // Of half a unit: a screen of twice the usual density shows no more. Each holds at most four points.
    private const double ThinnedColumns = 2;

    // What an axis of shares that are all equal covers, without going above the whole.
    private const double LeastShares = 0.1;

    /// <summary>Width of the picture in its own units, about pixels on a wide page; less for charts that stand three in a row.</summary>
    public double Width { get; init; } = 560;

    /// <summary>Height of the picture in its own units, at least 100.</summary>
    public double Height { get; init; } = 270;

    /// <summary>The horizontal axis's title; empty for none.</summary>
    public string XTitle { get; init; } = "";

    /// <summary>The vertical axis's title, written above it; empty for none.</summary>
    public string YTitle { get; init; } = "";

    /// <summary>Whether horizontal values are whole numbers, such as epochs.</summary>
    public bool WholeX { get; init; }

    /// <summary>Whether the vertical axis is logarithmic.</summary>
    public bool LogY { get; init; }

    /// <summary>Whether vertical values are shares, to be shown as percentages.</summary>
    public bool PercentY { get; init; }

    /// <summary>Whether the vertical axis starts at 0 where no value is negative; has no effect on a logarithmic one.</summary>
    public bool FromZero { get; init; }

    /// <summary>Values that the horizontal axis covers at least; without it the axis follows from the points.</summary>
    public (double Minimum, double Maximum)? RangeX { get; init; }

    /// <summary>Values that the vertical axis covers at least, both positive on a logarithmic one; without it the axis follows from the points.</summary>
    public (double Minimum, double Maximum)? RangeY { get; init; }

    /// <summary>A horizontal value to mark with a vertical line, with its name.</summary>
    public (double X, string Name)? Highlight { get; init; }

    /// <summary>What the markers stand for.</summary>
    public IReadOnlyList<MarkerKey> Markers { get; init; } = [];

    /// <inheritdoc/>
    public void WriteTo(HtmlWriter writer)
    {
        writer.Write($"<figure class=\"chart\"><figcaption>{title}{(LogY ? " (logarithmic)" : "")}</figcaption>");
        var drawn = series.Select(line => line.Points.Where(IsDrawn).ToArray()).ToArray();
        if (drawn.All(points => points.Length == 0))
        {
            writer.Write($"<p class=\"hint\">No values.</p></figure>");
            return;
        }

        var all = drawn.SelectMany(points => points).ToList();
        // Points without a value still count here, so that charts of the same epochs line up.
        var places = series.SelectMany(line => line.Points).Select(point => point.X).Where(IsDrawable).ToList();
        var (start, end) = RangeX is { } range ? (Math.Min(places.Min(), range.Minimum), Math.Max(places.Max(), range.Maximum)) : (places.Min(), places.Max());
        var x = ChartAxis.Linear(start, end, Width < 500 ? 5 : 8, widen: false, WholeX);
        var y = VerticalAxis(all.Min(point => point.Y), all.Max(point => point.Y));
        WriteLegend(writer);
        writer.Write($"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Width} {Height}\" role=\"img\" aria-label=\"{title}\">");
        WriteAxes(writer, x, y);
        for (var i = 0; i < drawn.Length; i++)
            WriteSeries(writer, i, drawn[i], x, y);
        WriteColumns(writer, drawn, x);
        writer.Write($"</svg></figure>");
    }

    private bool IsDrawn(ChartPoint point) =>
        IsDrawable(point.X) && IsDrawable(point.Y) && (!LogY || point.Y > 0);

    private static bool IsDrawable(double value) => Math.Abs(value) <= ChartAxis.LargestValue;

    private ChartAxis VerticalAxis(double minimum, double maximum)
    {
        if (RangeY is { } range)
            (minimum, maximum) = (Math.Min(minimum, range.Minimum), Math.Max(maximum, range.Maximum));
        else if (FromZero && !LogY && minimum > 0)
            minimum = 0;
        else if (PercentY && minimum == maximum)
            (minimum, maximum) = (Math.Max(0, Math.Min(minimum, 1 - LeastShares)), Math.Max(maximum, Math.Min(1, minimum + LeastShares)));
        var intervals = Height < 180 ? 2 : 5;
        return LogY ? ChartAxis.Log(minimum, maximum) : ChartAxis.Linear(minimum, maximum, intervals);
    }

    private void WriteLegend(HtmlWriter writer)
    {
        if (series.Count < 2 && Markers.Count == 0)
            return;
        writer.Write($"<ul class=\"legend\">");
        for (var i = 0; i < series.Count; i++)
        {
            writer.Write($"""
                <li><svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 12" class="key {Style(i)}"><line x1="1" y1="6" x2="23" y2="6" /></svg>{series[i].Name}</li>
                """);
        }

        foreach (var key in Markers)
        {
            writer.Write($"<li><svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 12 12\" class=\"key marker\">");
            WriteMarker(writer, key.Marker, 6, 6, 3.6);
            writer.Write($"</svg>{key.Name}</li>");
        }

        writer.Write($"</ul>");
    }

    private void WriteAxes(HtmlWriter writer, ChartAxis x, ChartAxis y)
    {
        var bottom = Height - Bottom;
        var labelled = LabelledTicks(y);
        writer.Write($"<g class=\"axes\">");
        foreach (var tick in y.Ticks)
        {
            var at = MapY(y, tick);
            writer.Write($"<line class=\"grid\" x1=\"{Left}\" y1=\"{at}\" x2=\"{Width - Right}\" y2=\"{at}\" />");
            if (labelled.Contains(tick))
                writer.Write($"<text class=\"y\" x=\"{Left - 8}\" y=\"{at}\" dy=\"0.35em\">{LabelY(y, tick)}</text>");
        }

        foreach (var tick in x.Ticks)
        {
            var at = MapX(x, tick);
            writer.Write($"<line class=\"tick\" x1=\"{at}\" y1=\"{bottom}\" x2=\"{at}\" y2=\"{bottom + 4}\" /><text class=\"x\" x=\"{at}\" y=\"{bottom + 18}\">{x.Label(tick)}</text>");
        }

        writer.Write($"<line class=\"base\" x1=\"{Left}\" y1=\"{bottom}\" x2=\"{Width - Right}\" y2=\"{bottom}\" />");
        if (XTitle.Length > 0)
            writer.Write($"<text class=\"x title\" x=\"{(Left + Width - Right) / 2}\" y=\"{Height - 8}\">{XTitle}</text>");
        if (YTitle.Length > 0)
            writer.Write($"<text class=\"title\" x=\"{Left}\" y=\"{Top - 8}\">{YTitle}</text>");
        if (Highlight is { } mark && mark.X >= x.Minimum && mark.X <= x.Maximum)
        {
            var at = MapX(x, mark.X);
            var side = x.Position(mark.X) > 0.5 ? "before" : "after";
            writer.Write($"<line class=\"highlight\" x1=\"{at}\" y1=\"{Top}\" x2=\"{at}\" y2=\"{bottom}\" /><text class=\"highlight {side}\" x=\"{at}\" y=\"{Top - 5}\">{mark.Name}</text>");
        }

        writer.Write($"</g>");
    }

    // Every grid line of a logarithmic axis is drawn, but only as many are labelled as there is room for.
    private HashSet<double> LabelledTicks(ChartAxis y)
    {
        var room = Math.Max(2, (int)((Height - Top - Bottom) / 22));
        if (y.Ticks.Count <= room)
            return [.. y.Ticks];
        var decades = y.Ticks.Where(tick => Math.Abs(Math.Log10(tick) - Math.Round(Math.Log10(tick))) < 1e-6).ToList();
        if (decades.Count < 2)
            return [y.Minimum, y.Maximum];
        var stride = (decades.Count + room - 1) / room;
        return [.. decades.Where((_, i) => i % stride == 0)];
    }

    private void WriteSeries(HtmlWriter writer, int index, ChartPoint[] points, ChartAxis x, ChartAxis y)
    {
        if (points.Length == 0)
            return;
        writer.Write($"<g class=\"{Style(index)}\">");
        points = Thinned(points, x);
        var path = new HtmlWriter();
        for (var i = 0; i < points.Length; i++)
        {
            var (across, down) = (MapX(x, points[i].X), MapY(y, points[i].Y));
            if (series[index].Step == ChartStep.After && i > 0 && points[i].Y != points[i - 1].Y)
                path.Write($"{across},{MapY(y, points[i - 1].Y)}");
            else if (series[index].Step == ChartStep.Before && i > 0 && points[i].X != points[i - 1].X && points[i].Y != points[i - 1].Y)
                path.Write($"{MapX(x, points[i - 1].X)},{down}");
            path.Write($"{across},{down}");
        }

        if (points.Length > 1)
            writer.Write($"<polyline points=\"{path.ToString().Trim()}\" />");
        else
            WriteMarker(writer, ChartMarker.Disc, MapX(x, points[0].X), MapY(y, points[0].Y), 4);
        foreach (var point in points.Where(point => point.Marker != ChartMarker.None))
            WriteMarker(writer, point.Marker, MapX(x, point.X), MapY(y, point.Y), 2.8);
        writer.Write($"</g>");
    }

    // Of the points in a column the first, the last, the lowest and the highest draw the same picture as all of them.
    private ChartPoint[] Thinned(ChartPoint[] points, ChartAxis x)
    {
        var kept = new List<ChartPoint>();
        for (int from = 0, to; from < points.Length; from = to)
        {
            var column = Column(points[from]);
            var (lowest, highest) = (from, from);
            for (to = from + 1; to < points.Length && Column(points[to]) == column; to++)
            {
                if (points[to].Y < points[lowest].Y)
                    lowest = to;
                if (points[to].Y > points[highest].Y)
                    highest = to;
            }

            for (var i = from; i < to; i++)
            {
                if (i == from || i == to - 1 || i == lowest || i == highest || points[i].Marker != ChartMarker.None)
                    kept.Add(points[i]);
            }
        }

        return [.. kept];

        double Column(ChartPoint point) => Math.Floor(ThinnedColumns * MapX(x, point.X));
    }

    private static void WriteMarker(HtmlWriter writer, ChartMarker marker, double x, double y, double r)
    {
        switch (marker)
        {
            case ChartMarker.Disc:
                writer.Write($"<circle class=\"full\" cx=\"{x}\" cy=\"{y}\" r=\"{r}\" />");
                break;
            case ChartMarker.Square:
                writer.Write($"<rect class=\"open\" x=\"{x - r}\" y=\"{y - r}\" width=\"{2 * r}\" height=\"{2 * r}\" />");
                break;
            case ChartMarker.Triangle:
                writer.Write($"<polygon class=\"full\" points=\"{x},{y - (1.3 * r)} {x + (1.2 * r)},{y + r} {x - (1.2 * r)},{y + r}\" />");
                break;
            case ChartMarker.Diamond:
                writer.Write($"<polygon class=\"open\" points=\"{x},{y - (1.4 * r)} {x + (1.4 * r)},{y} {x},{y + (1.4 * r)} {x - (1.4 * r)},{y}\" />");
                break;
            default:
                break;
        }
    }

    // Invisible columns that show a guide line under the pointer and name the values there.
    private void WriteColumns(HtmlWriter writer, ChartPoint[][] drawn, ChartAxis x)
    {
        var places = drawn.SelectMany(points => points).Select(point => point.X).Distinct().Order().ToList();
        var stride = (places.Count + MostColumns - 1) / MostColumns;
        places = [.. places.Where((_, i) => i % stride == 0)];
        var bottom = Height - Bottom;
        writer.Write($"<g class=\"columns\">");
        for (var i = 0; i < places.Count; i++)
        {
            var at = MapX(x, places[i]);
            var from = i == 0 ? Left : (MapX(x, places[i - 1]) + at) / 2;
            var to = i == places.Count - 1 ? Width - Right : (MapX(x, places[i + 1]) + at) / 2;
            var lines = Enumerable.Range(0, drawn.Length)
                .Select(s => (series[s].Name, Y: Reading(drawn[s], series[s].Step, places[i])))
                .Where(reading => reading.Y.HasValue)
                .Select(reading => $"{reading.Name}: {Value(reading.Y!.Value)}");
            var text = $"{XTitle} {places[i].ToString("G6", CultureInfo.InvariantCulture)}\n{string.Join('\n', lines)}".TrimStart();
            writer.Write($"<g><title>{text}</title><rect x=\"{from}\" y=\"{Top}\" width=\"{to - from}\" height=\"{bottom - Top}\" /><line x1=\"{at}\" y1=\"{Top}\" x2=\"{at}\" y2=\"{bottom}\" /></g>");
        }

        writer.Write($"</g>");
    }

    // Steps have a value everywhere between their ends, other lines at their points only.
    private static double? Reading(ChartPoint[] points, ChartStep step, double place)
    {
        var at = step == ChartStep.After ? Array.FindLastIndex(points, point => point.X <= place) : Array.FindIndex(points, point => point.X >= place);
        return at < 0 || place > points[^1].X || (step == ChartStep.None && points[at].X != place) ? null : points[at].Y;
    }

    private string Value(double value) => PercentY ? ReportNumber.Percent(value) : ReportNumber.Significant(value);

    private string LabelY(ChartAxis y, double tick) =>
        PercentY ? (tick * 100).ToString("0.##", CultureInfo.InvariantCulture) + "%" : y.Label(tick);

    private string Style(int index) => $"series s{index % 6}{(series[index].Dashed ? " dashed" : "")}";

    private double MapX(ChartAxis axis, double value) => Left + (axis.Position(value) * (Width - Left - Right));

    private double MapY(ChartAxis axis, double value) => Height - Bottom - (axis.Position(value) * (Height - Top - Bottom));
}

/// <summary>A point of a series, in the units of the axes.</summary>
/// <param name="X">The horizontal value.</param>
/// <param name="Y">The vertical value; a point that is not finite is left out, as is one that is not positive on a logarithmic axis.</param>
/// <param name="Marker">The shape drawn there.</param>
internal readonly record struct ChartPoint(double X, double Y, ChartMarker Marker = ChartMarker.None);

/// <summary>A line of a chart.</summary>
/// <param name="Name">Its name in the legend.</param>
/// <param name="Points">Its points, with X ascending.</param>
internal sealed record ChartSeries(string Name, IReadOnlyList<ChartPoint> Points)
{
    /// <summary>Whether the line is dashed, to be told from others without colour.</summary>
    public bool Dashed { get; init; }

    /// <summary>How the line goes from point to point.</summary>
    public ChartStep Step { get; init; }
}

/// <summary>How a line goes from one point to the next.</summary>
internal enum ChartStep
{
    /// <summary>Straight.</summary>
    None,

    /// <summary>A value holds until the next point, as a schedule's does.</summary>
    After,

    /// <summary>A value holds from the point before, as the precision does at which a recall is reached.</summary>
    Before,
}

/// <summary>The shape drawn at a point of a series.</summary>
internal enum ChartMarker
{
    /// <summary>No shape, only the line.</summary>
    None,

    /// <summary>A filled disc.</summary>
    Disc,

    /// <summary>An open square.</summary>
    Square,

    /// <summary>A filled triangle.</summary>
    Triangle,

    /// <summary>An open diamond.</summary>
    Diamond,
}

/// <summary>A line of a chart's legend that says what a marker stands for.</summary>
/// <param name="Marker">The marker.</param>
/// <param name="Name">Its meaning, for example <c>224 px</c>.</param>
internal sealed record MarkerKey(ChartMarker Marker, string Name);
