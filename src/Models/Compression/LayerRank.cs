namespace IlgpuSpp.Models;

/// <summary>The rank that a fully connected layer is reduced to.</summary>
/// <param name="Layer">Name of the layer.</param>
/// <param name="Rank">The rank, at least 1.</param>
public sealed record LayerRank(string Layer, int Rank);
