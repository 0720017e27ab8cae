namespace IlgpuSpp.Reports;

/// <summary>One line of a list of facts or options.</summary>
/// <param name="Name">The name, for example <c>weight decay</c>.</param>
/// <param name="Value">The value as it is to be shown.</param>
public sealed record NamedValue(string Name, string Value);
