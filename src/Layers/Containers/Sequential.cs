namespace IlgpuSpp.Layers;

/// <summary>
/// Layers one after another. An activation behind a convolution or fully connected layer is applied by that layer;
/// memory that no later step reads is reused. Shapes: the input of the first layer, the output of the last.
/// </summary>
public sealed class Sequential : Layer
{
    internal const string TypeName = "sequential";

    // What the layers are called in a description.
    internal const string LayersKey = "layers";

    private readonly Layer[] _layers;

    /// <summary>Creates the chain. Layers without a name are named by their position.</summary>
    /// <param name="layers">At least one layer, in the order of the pass.</param>
    /// <exception cref="ArgumentException">The list is empty, or two layers have the same name.</exception>
    public Sequential(params Layer[] layers)
    {
        if (layers.Length == 0) throw new ArgumentException("A chain has at least one layer.", nameof(layers));
        _layers = layers;
        Complete(layers);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<Layer> Children => _layers;

    /// <inheritdoc/>
    public override Shape OutputShape(Shape input)
    {
        foreach (Layer layer in _layers) input = layer.OutputShape(input);
        return input;
    }

    /// <inheritdoc/>
    public override LayerDescription Describe() => new LayerDescription(TypeName).Add(LayersKey, Children);

    internal static Sequential Read(LayerDescription description) => new(description.Layers(LayersKey));

    /// <inheritdoc/>
    public override ReceptiveField Receptive(ReceptiveField input) => _layers.Aggregate(input, (field, layer) => layer.Receptive(field));

    /// <inheritdoc/>
    public override string ToOnnx(OnnxGraph graph, OnnxValue input, string name) => _layers.Aggregate(input, (value, layer) => graph.Add(layer, value, name)).Name;

    /// <inheritdoc/>
    public override LayerContext Plan(Tensor input, PassPlan plan)
    {
        var contexts = new LayerContext[_layers.Length];
        var finished = new List<Tensor>();
        Tensor current = input;
        for (int i = 0; i < _layers.Length; i++)
        {
            if (_layers[i] is IFusesActivation fusing && i + 1 < _layers.Length && _layers[i + 1] is ActivationLayer activation)
            {
                contexts[i] = fusing.PlanFused(current, plan, activation.Activation);
                contexts[i + 1] = ActivationLayer.PlanApplied(contexts[i].Output);
                i++;
            }
            else
            {
                contexts[i] = _layers[i].Plan(current, plan);
            }
            if (!ReferenceEquals(current, input)) finished.Add(current);
            current = contexts[i].Output;
            if (!plan.Training) ReleaseUnless(current, finished, plan);
        }
        return new ChainContext(input, current, contexts);
    }

    /// <inheritdoc/>
    public override void Forward(LayerContext context, PassPlan plan, PassState state)
    {
        LayerContext[] contexts = ((ChainContext)context).Contexts;
        for (int i = 0; i < _layers.Length; i++) _layers[i].Forward(contexts[i], plan, state);
    }

    /// <inheritdoc/>
    public override void PlanBackward(LayerContext context, Tensor outputGradient, PassPlan plan, bool needInputGradient)
    {
        var chain = (ChainContext)context;
        chain.OutputGradient = outputGradient;
        int lowest = LowestTrained(needInputGradient);
        var finished = new List<Tensor>();
        Tensor? gradient = outputGradient;
        for (int i = _layers.Length - 1; i >= 0 && gradient is not null; i--)
        {
            LayerContext child = chain.Contexts[i];
            _layers[i].PlanBackward(child, gradient, plan, needInputGradient || i > lowest);
            if (!ReferenceEquals(gradient, outputGradient)) finished.Add(gradient);
            // Everything that reads this output has run its backward pass by now.
            if (!ReferenceEquals(child.Output.Buffer, chain.Output.Buffer) && !ReferenceEquals(child.Output, child.Input)) finished.Add(child.Output);
            gradient = child.InputGradient;
            if (i <= lowest && !needInputGradient) gradient = null;
            chain.LastBackward = i;
            if (gradient is not null) ReleaseUnless(gradient, finished, plan);
        }
        chain.InputGradient = needInputGradient ? gradient : null;
    }

    /// <inheritdoc/>
    public override void Backward(LayerContext context, PassPlan plan, PassState state)
    {
        var chain = (ChainContext)context;
        for (int i = _layers.Length - 1; i >= chain.LastBackward; i--) _layers[i].Backward(chain.Contexts[i], plan, state);
    }

    /// <summary>The part of a pass that belongs to one layer of the chain.</summary>
    /// <param name="context">What <see cref="Plan"/> returned for this chain.</param>
    /// <param name="index">Position of the layer.</param>
    public static LayerContext ChildContext(LayerContext context, int index) => ((ChainContext)context).Contexts[index];

    /// <summary>Names layers of a container that have no name by their position.</summary>
    /// <exception cref="ArgumentException">Two have the same name.</exception>
    internal static void Complete(ReadOnlySpan<Layer> layers)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (int i = 0; i < layers.Length; i++)
        {
            if (layers[i].Name.Length == 0) layers[i].Name = i.ToString(System.Globalization.CultureInfo.InvariantCulture);
            if (!seen.Add(layers[i].Name)) throw new ArgumentException($"Two layers of a container are called {layers[i].Name}.");
        }
    }

    // Below the lowest layer with something to train no gradient is needed: a frozen stem costs no backward pass.
    private int LowestTrained(bool needInputGradient)
    {
        if (needInputGradient) return 0;
        for (int i = 0; i < _layers.Length; i++)
            if (_layers[i].SelfAndDescendants().Any(layer => layer.Parameters.Any(p => p.Trainable && !p.Frozen)))
                return i;
        return _layers.Length - 1;
    }

    // A view of a tensor (Flatten) keeps the tensor's memory in use.
    private static void ReleaseUnless(Tensor current, List<Tensor> finished, PassPlan plan)
    {
        for (int i = finished.Count - 1; i >= 0; i--)
        {
            if (ReferenceEquals(finished[i].Buffer, current.Buffer)) continue;
            plan.Release(finished[i]);
            finished.RemoveAt(i);
        }
    }

    private sealed class ChainContext(Tensor input, Tensor output, LayerContext[] contexts) : LayerContext(input, output)
    {
        public LayerContext[] Contexts { get; } = contexts;

        public int LastBackward { get; set; }
    }
}
