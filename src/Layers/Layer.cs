namespace IlgpuSpp.Layers;

/// <summary>
/// One step of a network, with an explicit forward and backward pass. A pass is planned once for an input size
/// (<see cref="Plan"/>, then <see cref="PlanBackward"/> for training) and then runs any number of times without
/// allocating. Layers hold parameters and options, never activations.
/// </summary>
public abstract class Layer
{
    /// <summary>Name inside the container: the first part of the parameters' names, e.g. <c>conv1</c>.</summary>
    public string Name { get; set; } = "";

    /// <summary>The layer's parameters and running statistics, in file order. Empty for most layers.</summary>
    public virtual IReadOnlyList<Parameter> Parameters => [];

    /// <summary>The layers inside a container, in the order of the pass.</summary>
    public virtual IReadOnlyList<Layer> Children => [];

    /// <summary>Number of the layer's random stream; given when the network is built.</summary>
    public uint RandomStream { get; internal set; }

    /// <summary>The kind of layer, for summaries.</summary>
    public virtual string Kind => GetType().Name;

    /// <summary>The layer's name, or its kind where it has none; for errors.</summary>
    private protected string NameOrKind => Name.Length == 0 ? GetType().Name : Name;

    /// <summary>Shape of the output for an input.</summary>
    /// <param name="input">Shape of the input, batch included.</param>
    /// <exception cref="ShapeMismatchException">The layer cannot take that input.</exception>
    /// <exception cref="InputTooSmallException">The input is too small for the layer's windows.</exception>
    public abstract Shape OutputShape(Shape input);

    /// <summary>Multiply-adds of the forward pass, 0 for layers that only move or compare.</summary>
    /// <param name="input">Shape of the input, batch included.</param>
    public virtual long MultiplyAdds(Shape input) => 0;

    /// <summary>
    /// The layer as data: its type and the options that a <see cref="LayerRegistry"/> makes it from again. The name, the learning rates of its
    /// parameters and what is inside the layers that it names are added by the writer.
    /// </summary>
    /// <returns>The description, or null for a layer that model files cannot hold.</returns>
    public virtual LayerDescription? Describe() => null;

    /// <summary>Where the layer's responses lie in the network's input.</summary>
    /// <param name="input">Where those lie that the layer reads.</param>
    /// <exception cref="NotSupportedException">The layer is neither elementwise nor made of windows with a fixed stride.</exception>
    public virtual ReceptiveField Receptive(ReceptiveField input) => throw new NotSupportedException($"{Name} ({Kind}) has no fixed stride; take the layers in front of it.");

    /// <summary>Adds the nodes that compute the layer in inference to an ONNX graph.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="input">What the layer reads.</param>
    /// <param name="name">The layer's name in the graph, with those of its containers; names of nodes and constants begin with it.</param>
    /// <returns>Name of what the last node computes.</returns>
    /// <exception cref="NotSupportedException">ONNX cannot express the layer, or not for images of any size.</exception>
    public virtual string ToOnnx(OnnxGraph graph, OnnxValue input, string name) =>
        throw new NotSupportedException($"{name} ({Kind}) has no ONNX form; a layer of your own gives one by overriding ToOnnx.");

    /// <summary>Reserves what the forward pass needs.</summary>
    /// <param name="input">The tensor that the layer will read.</param>
    /// <param name="plan">Hands out memory in the order of the pass.</param>
    /// <returns>The layer's part of the pass.</returns>
    public abstract LayerContext Plan(Tensor input, PassPlan plan);

    /// <summary>Runs the forward pass: reads <see cref="LayerContext.Input"/>, writes <see cref="LayerContext.Output"/>.</summary>
    /// <param name="context">What <see cref="Plan"/> returned.</param>
    /// <param name="plan">The plan of the pass.</param>
    /// <param name="state">The step's random numbers.</param>
    public abstract void Forward(LayerContext context, PassPlan plan, PassState state);

    /// <summary>
    /// Reserves what the backward pass needs and sets <see cref="LayerContext.InputGradient"/>. Called in the reverse order of
    /// <see cref="Plan"/>. The default allocates the input gradient.
    /// </summary>
    /// <param name="context">What <see cref="Plan"/> returned.</param>
    /// <param name="outputGradient">Where the gradient by the output will be; the layer may overwrite it.</param>
    /// <param name="plan">Hands out memory in the order of the pass.</param>
    /// <param name="needInputGradient">Whether somebody needs the gradient by the input.</param>
    public virtual void PlanBackward(LayerContext context, Tensor outputGradient, PassPlan plan, bool needInputGradient)
    {
        context.OutputGradient = outputGradient;
        context.InputGradient = needInputGradient ? plan.Allocate(context.Input.Shape) : null;
    }

    /// <summary>
    /// Runs the backward pass: reads <see cref="LayerContext.OutputGradient"/>, assigns <see cref="LayerContext.InputGradient"/> and adds to the
    /// parameters' gradients.
    /// </summary>
    /// <param name="context">What <see cref="Plan"/> returned.</param>
    /// <param name="plan">The plan of the pass.</param>
    /// <param name="state">The step's random numbers, the same as in the forward pass.</param>
    public abstract void Backward(LayerContext context, PassPlan plan, PassState state);

    /// <summary>The layer and everything inside it, parents first.</summary>
    public IEnumerable<Layer> SelfAndDescendants()
    {
        yield return this;
        foreach (Layer child in Children)
            foreach (Layer layer in child.SelfAndDescendants())
                yield return layer;
    }

    /// <summary>The summary for images of one size.</summary>
    /// <param name="height">Rows of the image.</param>
    /// <param name="width">Columns of the image.</param>
    /// <param name="channels">Channels of the image.</param>
    /// <param name="batch">Images.</param>
    public LayerSummary Summary(int height, int width, int channels = 3, int batch = 1) =>
        LayerSummary.Of(this, new Shape(batch, height, width, channels));

    /// <summary>
    /// The side of the smallest square image that the layers take, or null where none up to <paramref name="limit"/> fits.
    /// </summary>
    /// <param name="channels">Channels of the image.</param>
    /// <param name="limit">Largest side to try.</param>
    public int? SmallestInput(int channels = 3, int limit = 512)
    {
        for (int side = 1; side <= limit; side++)
        {
            try
            {
                OutputShape(new Shape(1, side, side, channels));
                return side;
            }
            catch (Exception refused) when (refused is InputTooSmallException or ShapeMismatchException)
            {
                // Too small, or not the one size that a network without a pyramid takes: try the next.
            }
        }
        return null;
    }
}
