namespace IlgpuSpp.Detection;

/// <summary>Where the training of a detector is.</summary>
/// <param name="Stage">What is being done.</param>
/// <param name="Done">Units done.</param>
/// <param name="Total">Units in all.</param>
/// <param name="Note">What was measured, or nothing.</param>
public sealed record DetectorProgress(string Stage, int Done, int Total, string Note = "");
