namespace IlgpuSpp.Reports;

/// <summary>One bar of a <see cref="BarList"/>.</summary>
/// <param name="Name">What the bar stands for.</param>
/// <param name="Share">Its length, 0 to 1; NaN where there is no value.</param>
/// <param name="Text">The value as it is to be read.</param>
/// <param name="Detail">Where the value comes from, for example <c>46 of 56</c>; may be empty.</param>
public sealed record BarItem(string Name, double Share, string Text, string Detail);
