namespace IlgpuSpp.Data;

/// <summary>An image of a data set that cannot be decoded.</summary>
/// <param name="Index">The sample's number in the data set.</param>
/// <param name="Name">The sample's name.</param>
/// <param name="Reason">Why it cannot be decoded, in one line.</param>
public sealed record ImageFailure(int Index, string Name, string Reason);
