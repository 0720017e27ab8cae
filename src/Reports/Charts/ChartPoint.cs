namespace IlgpuSpp.Reports;

/// <summary>A point of a series, in the units of the axes.</summary>
/// <param name="X">The horizontal value.</param>
/// <param name="Y">The vertical value; a point that is not finite is left out, as is one that is not positive on a logarithmic axis.</param>
/// <param name="Marker">The shape drawn there.</param>
public readonly record struct ChartPoint(double X, double Y, ChartMarker Marker = ChartMarker.None);
