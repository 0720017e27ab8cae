namespace IlgpuSpp.Layers;

/// <summary>
/// Layers one after another. An activation behind a convolution or fully connected layer is applied by that layer, in inference a batch normalisation behind a convolution too;
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
    public override LayerContext Plan(Tensor input, PassPlan plan) => PlanChain(input, plan, null, Activation.None);

    /// <summary>Whether <see cref="PlanSum"/> can be used: in inference, where the chain ends in a convolution, with or without a batch normalisation, whose weights the backend packs.</summary>
    internal bool EndsInPackedConvolution(PassPlan plan) => _layers switch
    {
        [.., Conv2d last] => last.Pack(plan, null) is not null,
        [.., Conv2d last, BatchNorm normalisation] => last.Pack(plan, normalisation) is not null,
        _ => false,
    };

    /// <summary>Plans the chain so that its last convolution adds another tensor and applies an activation to the sum.</summary>
    /// <param name="input">The tensor that the chain will read.</param>
    /// <param name="plan">Hands out memory.</param>
    /// <param name="added">What is added; not written to.</param>
    /// <param name="activation">What is applied to the sum.</param>
    internal LayerContext PlanSum(Tensor input, PassPlan plan, Tensor added, Activation activation) => PlanChain(input, plan, added, activation);

    private ChainContext PlanChain(Tensor input, PassPlan plan, Tensor? added, Activation last)
    {
        var contexts = new LayerContext[_layers.Length];
        var finished = new List<Tensor>();
        Tensor current = input;
        for (int i = 0; i < _layers.Length;)
        {
            int end = PlanStep(i, current, plan, added, last, contexts);
            // Layers that the first of them does with its own work.
            for (int applied = i + 1; applied < end; applied++) contexts[applied] = new LayerContext(contexts[i].Output, contexts[i].Output);
            if (!ReferenceEquals(current, input)) finished.Add(current);
            current = contexts[i].Output;
            if (!plan.Training) ReleaseUnless(current, finished, plan);
            i = end;
        }
        return new ChainContext(input, current, contexts);
    }

    // Plans a layer with what it does of those behind it; returns the next one.
    private int PlanStep(int i, Tensor current, PassPlan plan, Tensor? added, Activation last, LayerContext[] contexts)
    {
        int end = i + 1;
        if (_layers[i] is Conv2d conv)
        {
            BatchNorm? normalisation = end < _layers.Length ? _layers[end] as BatchNorm : null;
            if (conv.Pack(plan, normalisation) is { } packed)
            {
                if (normalisation is not null) end++;
                bool sum = added is not null && end == _layers.Length;
                Activation activation = sum ? last : ActivationAt(ref end);
                contexts[i] = conv.PlanPacked(current, plan, packed, sum ? added : null, activation);
                return end;
            }
        }
        contexts[i] = _layers[i] is IFusesActivation fusing ? fusing.PlanFused(current, plan, ActivationAt(ref end)) : _layers[i].Plan(current, plan);
        return end;
    }

    private Activation ActivationAt(ref int place)
    {
        if (place == _layers.Length || _layers[place] is not ActivationLayer next) return Activation.None;
        place++;
        return next.Activation;
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
            if (!PassPlan.SameMemory(child.Output, chain.Output) && !ReferenceEquals(child.Output, child.Input)) finished.Add(child.Output);
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
            if (PassPlan.SameMemory(finished[i], current)) continue;
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
