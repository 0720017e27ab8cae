namespace IlgpuSpp.Reports;

/// <summary>A line of a chart.</summary>
/// <param name="Name">Its name in the legend.</param>
/// <param name="Points">Its points, with X ascending.</param>
public sealed record ChartSeries(string Name, IReadOnlyList<ChartPoint> Points)
{
    /// <summary>Whether the line is dashed, to be told from others without colour.</summary>
    public bool Dashed { get; init; }

    /// <summary>Whether the value holds until the next point, as a schedule does, instead of changing evenly.</summary>
    public bool Stepped { get; init; }
}
