namespace IlgpuSpp.Detection;

/// <summary>The layers whose responses support vector machines can read (the paper's Table 9): the pooled windows, and the fully connected layers behind them but the last.</summary>
public static class SvmLayers
{
    /// <summary>The paper's name for pooled windows.</summary>
    public const string Pooled = "pool5";

    /// <summary>Refuses a layer that a network has not.</summary>
    /// <param name="network">A chain with a pyramid inside.</param>
    /// <param name="name">The layer; null for what the last layer reads.</param>
    /// <exception cref="OptionsException">The network has no such layer behind its pyramid; the message names those that it has.</exception>
    /// <exception cref="NotSupportedException">The network has no pyramid.</exception>
    public static void Check(Network network, string? name)
    {
        if (name is not null) Before(new SplitNetwork(network).Head, name);
    }

    // How many of a head's layers run for the responses: normalisation and activation are part of the layer that they follow.
    internal static int Before(Sequential head, string? name)
    {
        Layer[] layers = [.. head.Children];
        if (name is null) return layers.Length - 1;
        if (name == Pooled) return 0;
        int end = Array.FindIndex(layers, layer => layer is Linear && layer.Name == name) + 1;
        if (end == 0 || end == layers.Length)
        {
            IEnumerable<string> names = layers.SkipLast(1).OfType<Linear>().Select(layer => layer.Name).Prepend($"{Pooled} (the pooled windows)");
            throw new OptionsException(nameof(DetectorSettings.SvmLayer), $"names '{name}'; machines can read {string.Join(", ", names)} of this network");
        }
        while (layers[end] is BatchNorm or ActivationLayer) end++;
        return end;
    }
}
