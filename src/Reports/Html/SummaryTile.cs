namespace IlgpuSpp.Reports;

/// <summary>One number that a reader looks for first.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Value">The number with its unit.</param>
/// <param name="Detail">A line that puts it into place; may be empty.</param>
public sealed record SummaryTile(string Name, string Value, string Detail);
