namespace IlgpuSpp.Layers;

/// <summary>A network has no layer of a name.</summary>
/// <param name="name">The name.</param>
/// <param name="names">The layers that it has.</param>
public sealed class UnknownLayerException(string name, IReadOnlyList<string> names)
    : ArgumentException($"There is no layer '{name}'; the network has {string.Join(", ", names)}.")
{
    /// <summary>The name that fits no layer.</summary>
    public string LayerName { get; } = name;

    /// <summary>The layers that the network has.</summary>
    public IReadOnlyList<string> LayerNames { get; } = names;
}
