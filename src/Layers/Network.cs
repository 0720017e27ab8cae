namespace IlgpuSpp.Layers;

/// <summary>Layers with their parameters in the memory of one backend.</summary>
public sealed class Network : IDisposable
{
    private const uint ParameterStreams = 0x8000_0000;

    /// <summary>Names the parameters and fills them with their first values.</summary>
    /// <param name="root">The layers; they belong to this network from now on.</param>
    /// <param name="backend">Where the parameters lie.</param>
    /// <param name="seed">Seed of the first values: the same seed gives the same values on every backend.</param>
    public Network(Layer root, Backend backend, ulong seed)
    {
        Root = root;
        Backend = backend;
        var parameters = new List<Parameter>();
        uint stream = 0;
        foreach (Layer layer in root.SelfAndDescendants()) layer.RandomStream = stream++;
        Collect(root, "", parameters);
        Parameters = parameters;
        for (int i = 0; i < parameters.Count; i++)
            parameters[i].AllocateValue(backend, new RandomKey(seed, ParameterStreams + (uint)i, 0));
    }

    /// <summary>The layers.</summary>
    public Layer Root { get; }

    /// <summary>Where the parameters lie.</summary>
    public Backend Backend { get; }

    /// <summary>All parameters and running statistics, in file order.</summary>
    public IReadOnlyList<Parameter> Parameters { get; }

    /// <summary>Number of trainable values.</summary>
    public long ParameterCount => Parameters.Where(p => p.Trainable).Sum(p => p.Shape.Count);

    /// <summary>Gives every trainable parameter a gradient, set to zero. Does nothing the second time.</summary>
    public void PrepareTraining()
    {
        foreach (Parameter parameter in Parameters) parameter.AllocateGradient(Backend);
    }

    /// <summary>Plans a pass for inputs of one shape.</summary>
    /// <param name="input">Shape of the input, batch included.</param>
    /// <param name="mode">What the pass is for.</param>
    /// <param name="part">Layers of the network, where the pass goes through a part of them; null for all.</param>
    /// <param name="recompute">Whether a training pass keeps the inputs of a few parts of the chain only and computes what is between them once more on its way back: less memory for about a third more time, the same numbers.</param>
    /// <returns>A pass that runs any number of times, after its first run without allocating; the caller disposes it.</returns>
    public NetworkPass Plan(Shape input, PassMode mode, Layer? part = null, bool recompute = false) => new(this, part ?? Root, input, mode, recompute: recompute);

    /// <summary>Bytes that an inference pass for inputs of one shape holds (<see cref="NetworkPass.Bytes"/>), found without any memory.</summary>
    /// <param name="input">Shape of the input, batch included.</param>
    public long InferenceBytes(Shape input) => NetworkPass.BytesOf(Backend, Root, input, mode: PassMode.Inference) + input.Count * sizeof(float);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (IPacksWeights layer in Root.SelfAndDescendants().OfType<IPacksWeights>()) layer.ReleasePacked();
        foreach (Parameter parameter in Parameters) parameter.Dispose();
    }

    private static void Collect(Layer layer, string prefix, List<Parameter> parameters)
    {
        foreach (Parameter parameter in layer.Parameters)
        {
            parameter.FullName = prefix + parameter.Name;
            parameters.Add(parameter);
        }
        foreach (Layer child in layer.Children) Collect(child, $"{prefix}{child.Name}.", parameters);
    }
}
