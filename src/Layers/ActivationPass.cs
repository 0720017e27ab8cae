namespace IlgpuSpp.Layers;

/// <summary>
/// An inference pass through a chain of layers up to the last of some layers, keeping what each of those gives. Layers
/// behind the last are not run. Not for several threads at a time.
/// </summary>
public sealed class ActivationPass : IDisposable
{
    /// <summary>Behind the name of a convolution or fully connected layer: its sums as they are, before normalisation and activation.</summary>
    public const string RawSuffix = ".raw";

    private readonly Backend _backend;
    private readonly List<(Tensor Source, NetworkPass Pass)> _parts = [];
    private readonly Dictionary<string, Tensor> _activations = new(StringComparer.Ordinal);

    /// <summary>Plans the pass.</summary>
    /// <param name="network">A chain of layers; not disposed.</param>
    /// <param name="input">Shape of the input, <c>[n, h, w, 3]</c>.</param>
    /// <param name="layers">
    /// Names of layers, at least one; one inside a block follows the block's name and a point (<c>layer1_0.main.conv1</c>). A convolution or fully connected
    /// layer means its response, behind the batch normalisation and the activation that follow it; with <see cref="RawSuffix"/> its sums.
    /// </param>
    /// <exception cref="UnknownLayerException">A name fits no layer.</exception>
    /// <exception cref="InputTooSmallException">The input is too small for the layers.</exception>
    /// <exception cref="ShapeMismatchException">The input does not fit the layers.</exception>
    public ActivationPass(Network network, Shape input, IReadOnlyList<string> layers)
    {
        _backend = network.Backend;
        Layer[] chain = Chain(network);
        Input = _backend.Allocate(input);
        try
        {
            // Parts of the chain end where something is read; layers inside a block run once more from the block's input.
            int start = 0;
            Tensor map = Input;
            foreach (LayerPath path in layers.Distinct().Select(name => LayerPath.Find(network, name)).OrderBy(path => path.Length))
            {
                if (path.Length > start)
                {
                    map = Add(network, chain[start..path.Length], map);
                    start = path.Length;
                }
                _activations.Add(path.Name, path.Inside.Aggregate(map, (input, part) => Add(network, part, input)));
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>What the pass reads.</summary>
    public Tensor Input { get; }

    /// <summary>Bytes held.</summary>
    public long Bytes => Input.Count * sizeof(float) + _parts.Sum(part => part.Pass.Bytes);

    /// <summary>What a layer gave in the last <see cref="Forward"/>.</summary>
    /// <param name="layer">A name that the pass was planned with.</param>
    public Tensor this[string layer] => _activations[layer];

    /// <summary>Runs the layers on what was uploaded into <see cref="Input"/>.</summary>
    public void Forward()
    {
        foreach ((Tensor source, NetworkPass pass) in _parts)
        {
            _backend.Copy(source, pass.Input);
            pass.Forward();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach ((_, NetworkPass pass) in _parts) pass.Dispose();
        Input.Dispose();
    }

    private Tensor Add(Network network, IReadOnlyList<Layer> layers, Tensor source)
    {
        var pass = new NetworkPass(network, new Sequential([.. layers]), source.Shape, PassMode.Inference);
        _parts.Add((source, pass));
        return pass.Output;
    }

    internal static Layer[] Chain(Network network) => network.Root is Sequential chain ? [.. chain.Children] : [network.Root];
}
