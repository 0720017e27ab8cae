using IlgpuSpp.Engine;

namespace IlgpuSpp.Layers;

/// <summary>
/// An inference pass through a chain of layers up to the last of some layers, keeping what each of those gives. Layers
/// behind the last are not run. Not for several threads at a time.
/// </summary>
public sealed class ActivationPass : IDisposable
{
    /// <summary>Behind the name of a convolution or fully connected layer: its sums as they are, before normalisation and activation.</summary>
    public const string RawSuffix = ".raw";

    private readonly IBackend _backend;
    private readonly List<NetworkPass> _parts = [];
    private readonly Dictionary<string, Tensor> _activations = new(StringComparer.Ordinal);

    /// <summary>Plans the pass.</summary>
    /// <param name="network">A chain of layers; not disposed.</param>
    /// <param name="input">Shape of the input, <c>[n, h, w, 3]</c>.</param>
    /// <param name="layers">
    /// Names of layers of the chain, at least one. A convolution or fully connected layer means its response, behind the batch normalisation and the
    /// activation that follow it; with <see cref="RawSuffix"/> its sums.
    /// </param>
    /// <exception cref="UnknownLayerException">A name fits no layer.</exception>
    /// <exception cref="InputTooSmallException">The input is too small for the layers.</exception>
    /// <exception cref="ShapeMismatchException">The input does not fit the layers.</exception>
    public ActivationPass(Network network, Shape input, IReadOnlyList<string> layers)
    {
        _backend = network.Backend;
        Layer[] chain = Chain(network);
        try
        {
            int start = 0;
            foreach (var end in layers.Distinct().Select(name => (Index: IndexOf(network, name), Name: name)).OrderBy(end => end.Index))
            {
                if (end.Index >= start)
                {
                    _parts.Add(new NetworkPass(network, new Sequential(chain[start..(end.Index + 1)]), input, PassMode.Inference));
                    input = _parts[^1].Output.Shape;
                    start = end.Index + 1;
                }
                _activations.Add(end.Name, _parts[^1].Output);
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>What the pass reads.</summary>
    public Tensor Input => _parts[0].Input;

    /// <summary>Bytes held.</summary>
    public long Bytes => _parts.Sum(part => part.Bytes);

    /// <summary>What a layer gave in the last <see cref="Forward"/>.</summary>
    /// <param name="layer">A name that the pass was planned with.</param>
    public Tensor this[string layer] => _activations[layer];

    /// <summary>The names that a network's layers go by.</summary>
    /// <param name="network">A chain of layers.</param>
    public static IReadOnlyList<string> Names(Network network) => [.. Chain(network).Select(layer => layer.Name)];

    /// <summary>Position in the chain of the layer whose output a name means.</summary>
    /// <param name="network">A chain of layers.</param>
    /// <param name="name">A layer's name, perhaps with <see cref="RawSuffix"/>.</param>
    /// <exception cref="UnknownLayerException">The name fits no layer.</exception>
    public static int IndexOf(Network network, string name)
    {
        Layer[] chain = Chain(network);
        bool raw = name.EndsWith(RawSuffix, StringComparison.Ordinal);
        int index = Array.FindIndex(chain, layer => layer.Name == (raw ? name[..^RawSuffix.Length] : name));
        if (index < 0) throw new UnknownLayerException(name, Names(network));
        if (raw || chain[index] is not (Conv2d or Linear)) return index;
        while (index + 1 < chain.Length && chain[index + 1] is BatchNorm or ActivationLayer) index++;
        return index;
    }

    /// <summary>Runs the layers on what was uploaded into <see cref="Input"/>.</summary>
    public void Forward()
    {
        for (int i = 0; i < _parts.Count; i++)
        {
            if (i > 0) _backend.Copy(_parts[i - 1].Output, _parts[i].Input);
            _parts[i].Forward();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (NetworkPass part in _parts) part.Dispose();
    }

    private static Layer[] Chain(Network network) => network.Root is Sequential chain ? [.. chain.Children] : [network.Root];
}
