namespace IlgpuSpp.Layers;

/// <summary>The way to a layer of a network by its name.</summary>
/// <param name="Name">The name as it was asked for.</param>
/// <param name="Length">How many layers of the network's chain run before, or up to, what the name means.</param>
/// <param name="Inside">The layers inside the block behind them that lead there, those of each container apart; empty for a layer of the chain itself.</param>
public sealed record LayerPath(string Name, int Length, IReadOnlyList<IReadOnlyList<Layer>> Inside)
{
    /// <summary>All layers on the way from the network's input, in order.</summary>
    /// <param name="network">The network that the way was found in.</param>
    public IEnumerable<Layer> Through(Network network) => ActivationPass.Chain(network).Take(Length).Concat(Inside.SelectMany(part => part));

    /// <summary>Finds a layer.</summary>
    /// <param name="network">The network.</param>
    /// <param name="name">A name as in <see cref="ActivationPass(Network, Engine.Shape, IReadOnlyList{string})"/>.</param>
    /// <exception cref="UnknownLayerException">The name fits no layer.</exception>
    public static LayerPath Find(Network network, string name)
    {
        bool raw = name.EndsWith(ActivationPass.RawSuffix, StringComparison.Ordinal);
        string path = raw ? name[..^ActivationPass.RawSuffix.Length] : name;
        Layer[] chain = ActivationPass.Chain(network);
        string first = path.Split('.')[0];
        // A layer's own name may have points.
        int index = Array.FindIndex(chain, layer => layer.Name == path);
        if (index >= 0) return new LayerPath(name, End(chain, index, raw) + 1, []);
        index = Array.FindIndex(chain, layer => layer.Name == first);
        if (index >= 0 && path != first)
        {
            if (LeadTo(chain[index], path[(first.Length + 1)..], raw) is { } inside) return new LayerPath(name, index, inside);
        }
        throw Unknown(name, path, chain);
    }

    // Deep networks have a hundred names: those beside the first part that fits nothing are enough.
    private static UnknownLayerException Unknown(string name, string path, IReadOnlyList<Layer> chain)
    {
        string prefix = "";
        IReadOnlyList<Layer> beside = chain;
        while (beside.FirstOrDefault(layer => layer.Children.Count > 0 && path.StartsWith($"{prefix}{layer.Name}.", StringComparison.Ordinal)) is { } container)
        {
            prefix += container.Name + ".";
            beside = container.Children;
        }
        Layer? block = beside.FirstOrDefault(layer => layer.Children.Count > 0);
        return new UnknownLayerException(name, [.. beside.Select(layer => prefix + layer.Name)], block is null ? null : $"{prefix}{block.Name}.{block.Children[0].Name}");
    }

    // The layers from a container's input to the layer of a name inside it, or null.
    private static List<IReadOnlyList<Layer>>? LeadTo(Layer container, string path, bool raw)
    {
        string first = path.Split('.')[0];
        Layer[] children = [.. container.Children];
        int index = Array.FindIndex(children, layer => layer.Name == first);
        if (index < 0) return null;
        // Only a chain's layers run one after another; branches all begin at the container's input.
        bool isChain = container is Sequential;
        int start = isChain ? 0 : index;
        if (path == first) return [children[start..((isChain ? End(children, index, raw) : index) + 1)]];
        if (LeadTo(children[index], path[(first.Length + 1)..], raw) is not { } rest) return null;
        return start == index ? rest : [children[start..index], .. rest];
    }

    private static int End(Layer[] chain, int index, bool raw)
    {
        if (raw || chain[index] is not (Conv2d or Linear)) return index;
        while (index + 1 < chain.Length && chain[index + 1] is BatchNorm or ActivationLayer) index++;
        return index;
    }
}

/// <summary>A network has no layer of a name.</summary>
/// <param name="name">The name.</param>
/// <param name="names">Layers that it has; of those inside blocks only such as the name could have meant.</param>
/// <param name="inside">A layer inside one of them, as an example of such names; null where there are none.</param>
public sealed class UnknownLayerException(string name, IReadOnlyList<string> names, string? inside = null)
    : IlgpuSppException($"There is no layer '{name}'; the network has {string.Join(", ", names)}{(inside is null ? "" : $". A layer inside a block follows the block's name and a point, such as {inside}")}.")
{
    /// <summary>The name that fits no layer.</summary>
    public string LayerName { get; } = name;

    /// <summary>Layers that the network has.</summary>
    public IReadOnlyList<string> LayerNames { get; } = names;
}
