namespace IlgpuSpp.Reports;

/// <summary>A line of a chart's legend that says what a marker stands for.</summary>
/// <param name="Marker">The marker.</param>
/// <param name="Name">Its meaning, for example <c>224 px</c>.</param>
public sealed record MarkerKey(ChartMarker Marker, string Name);
