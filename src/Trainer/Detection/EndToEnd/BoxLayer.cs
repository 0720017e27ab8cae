namespace IlgpuSpp.Training;

/// <summary>
/// The layer beside the network's last one that moves boxes: four numbers for each class (Fast R-CNN, section 2.1), from what the last layer reads.
/// It starts from N(0, 0.001) and biases of 0.
/// </summary>
internal sealed class BoxLayer : IDisposable
{
    private const float Deviation = 0.001f;

    private readonly Network _network;

    /// <summary>Builds the layer for a network.</summary>
    /// <param name="backend">Where it runs.</param>
    /// <param name="last">The network's last layer, whose inputs and rates it shares.</param>
    /// <param name="classes">Classes without the background.</param>
    /// <param name="seed">Seed of its first weights.</param>
    public BoxLayer(Backend backend, Linear last, int classes, ulong seed)
    {
        Layer = new Linear(last.InFeatures, BoxEncoding.Length * classes) { Name = "box_layer" };
        Layer.Weight.Initialiser = new GaussianInitialiser(Deviation);
        Layer.Weight.LearningRateMultiplier = last.Weight.LearningRateMultiplier;
        if (last.Bias is { } bias) Layer.Bias!.LearningRateMultiplier = bias.LearningRateMultiplier;
        _network = new Network(new Sequential(Layer), backend, seed);
        _network.PrepareTraining();
    }

    /// <summary>The layer, <c>[windows, hidden]</c> to <c>[windows, 4·classes]</c>.</summary>
    public Linear Layer { get; }

    /// <summary>Weights and biases, named <c>box_layer.…</c>.</summary>
    public IReadOnlyList<Parameter> Parameters => _network.Parameters;

    public void Dispose() => _network.Dispose();
}
