namespace IlgpuSpp.Layers;

/// <summary>
/// Max pooling. Shapes: input <c>[n, h, w, c]</c>, output <c>[n, oh, ow, c]</c> with
/// oh = ⌊ or ⌈ of (h + 2·pad − kernel)/stride, plus 1 (<see cref="PoolRounding"/>).
/// </summary>
public sealed class MaxPool2d : MaximumLayer
{
    internal const string TypeName = "max_pool";

    /// <summary>Creates the layer.</summary>
    /// <param name="kernel">Side of the square window.</param>
    /// <param name="stride">Distance between windows; 0 means the window's side.</param>
    /// <param name="pad">Padding around the map; never wins.</param>
    /// <param name="rounding">How the number of windows is rounded.</param>
    public MaxPool2d(int kernel, int stride = 0, int pad = 0, PoolRounding rounding = PoolRounding.Floor)
        : this(PoolGeometry.Square(kernel, stride == 0 ? kernel : stride, pad, rounding))
    {
    }

    /// <summary>Creates the layer with any geometry.</summary>
    /// <param name="geometry">The windows.</param>
    public MaxPool2d(PoolGeometry geometry) => Geometry = geometry;

    /// <summary>The windows.</summary>
    public PoolGeometry Geometry { get; }

    /// <inheritdoc/>
    public override string Kind => $"MaxPool2d {Geometry.KernelHeight}x{Geometry.KernelWidth}/{Geometry.StrideHeight}";

    /// <inheritdoc/>
    public override Shape OutputShape(Shape input) => ShapeRules.Pool(input, Geometry);

    /// <inheritdoc/>
    public override LayerDescription Describe() => new LayerDescription(TypeName).Add(Geometry);

    internal static MaxPool2d Read(LayerDescription description) => new(description.Windows());

    /// <inheritdoc/>
    public override ReceptiveField Receptive(ReceptiveField input) => input.Windows(this,
        (Geometry.KernelHeight, Geometry.StrideHeight, Geometry.PadHeight), (Geometry.KernelWidth, Geometry.StrideWidth, Geometry.PadWidth));

    /// <inheritdoc/>
    public override string ToOnnx(OnnxGraph graph, OnnxValue input, string name) =>
        graph.Node("MaxPool", name, [input.Name], PoolWindows.Attributes(graph, Geometry, input.Shape, name));

    private protected override void Forward(Backend backend, Tensor x, Tensor y, Tensor<int>? places) => backend.MaxPoolForward(x, y, places, Geometry);

    private protected override void Backward(Backend backend, Tensor dy, Tensor<int> places, Tensor dx) => backend.MaxPoolBackward(dy, places, dx, Geometry);
}
