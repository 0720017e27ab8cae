namespace IlgpuSpp.Layers;

/// <summary>Average pooling. Shapes: as <see cref="MaxPool2d"/>.</summary>
public sealed class AveragePool2d : Layer
{
    internal const string TypeName = "average_pool";

    /// <summary>Creates the layer.</summary>
    /// <param name="kernel">Side of the square window.</param>
    /// <param name="stride">Distance between windows; 0 means the window's side.</param>
    /// <param name="pad">Padding around the map.</param>
    /// <param name="rounding">How the number of windows is rounded.</param>
    /// <param name="divisor">What a window's sum is divided by.</param>
    public AveragePool2d(int kernel, int stride = 0, int pad = 0, PoolRounding rounding = PoolRounding.Floor, AveragePoolDivisor divisor = AveragePoolDivisor.Valid)
        : this(PoolGeometry.Square(kernel, stride == 0 ? kernel : stride, pad, rounding), divisor)
    {
    }

    /// <summary>Creates the layer with any geometry.</summary>
    /// <param name="geometry">The windows.</param>
    /// <param name="divisor">What a window's sum is divided by.</param>
    public AveragePool2d(PoolGeometry geometry, AveragePoolDivisor divisor = AveragePoolDivisor.Valid)
    {
        Geometry = geometry;
        Divisor = divisor;
    }

    /// <summary>The windows.</summary>
    public PoolGeometry Geometry { get; }

    /// <summary>What a window's sum is divided by.</summary>
    public AveragePoolDivisor Divisor { get; }

    /// <inheritdoc/>
    public override string Kind => $"AveragePool2d {Geometry.KernelHeight}x{Geometry.KernelWidth}/{Geometry.StrideHeight}";

    /// <inheritdoc/>
    public override Shape OutputShape(Shape input) => ShapeRules.Pool(input, Geometry);

    /// <inheritdoc/>
    public override LayerDescription Describe() => new LayerDescription(TypeName).Add(Geometry).Add("divisor", Divisor);

    internal static AveragePool2d Read(LayerDescription description) => new(description.Windows(), description.Choice<AveragePoolDivisor>("divisor"));

    /// <inheritdoc/>
    public override ReceptiveField Receptive(ReceptiveField input) => input.Windows(this,
        (Geometry.KernelHeight, Geometry.StrideHeight, Geometry.PadHeight), (Geometry.KernelWidth, Geometry.StrideWidth, Geometry.PadWidth));

    /// <inheritdoc/>
    public override string ToOnnx(OnnxGraph graph, OnnxValue input, string name)
    {
        if (Divisor == AveragePoolDivisor.Valid || !PoolWindows.IsPadded(Geometry))
            return graph.Node("AveragePool", name, [input.Name], [.. PoolWindows.Attributes(graph, Geometry, input.Shape, name), ("count_include_pad", 0L)]);
        if (graph.AnySize && Geometry.Rounding != PoolRounding.Floor)
            throw new NotSupportedException($"{name}: an average pooling rounded up with padding cannot be written for images of any size; give the size.");
        // Zeros that count are put around the map first; what reaches past them does not count.
        string around = graph.Node("Pad", name + ".pad", [input.Name, graph.Constant(name + ".pads", 0, 0, Geometry.PadHeight, Geometry.PadWidth, 0, 0, Geometry.PadBottom, Geometry.PadRight)]);
        Shape shape = new(1, input.Shape.Height + Geometry.PadHeight + Geometry.PadBottom, input.Shape.Width + Geometry.PadWidth + Geometry.PadRight, input.Shape.Channels);
        PoolGeometry inner = Geometry with { PadHeight = 0, PadWidth = 0, PadBottom = 0, PadRight = 0 };
        (string, object)[] windows = graph.AnySize ? PoolWindows.Attributes(graph, inner, shape, name) : PoolWindows.Explicit(inner, shape, ShapeRules.Pool(input.Shape, Geometry));
        return graph.Node("AveragePool", name, [around], [.. windows, ("count_include_pad", 0L)]);
    }

    /// <inheritdoc/>
    public override LayerContext Plan(Tensor input, PassPlan plan) => new(input, plan.Allocate(OutputShape(input.Shape)));

    /// <inheritdoc/>
    public override void Forward(LayerContext context, PassPlan plan, PassState state) =>
        plan.Backend.AveragePoolForward(context.Input, context.Output, Geometry, Divisor);

    /// <inheritdoc/>
    public override void Backward(LayerContext context, PassPlan plan, PassState state)
    {
        if (context.InputGradient is { } inputGradient)
            plan.Backend.AveragePoolBackward(context.OutputGradient!, inputGradient, Geometry, Divisor);
    }
}
