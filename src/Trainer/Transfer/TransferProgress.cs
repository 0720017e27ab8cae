namespace IlgpuSpp.Training;

/// <summary>Where a measurement of features is.</summary>
/// <param name="Stage">What is being done, in words.</param>
/// <param name="Done">Images or splits done.</param>
/// <param name="Total">Images or splits of the stage; 0 where it is not known.</param>
public sealed record TransferProgress(string Stage, int Done, int Total);
