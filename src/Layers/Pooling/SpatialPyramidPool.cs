namespace IlgpuSpp.Layers;

/// <summary>
/// Spatial pyramid pooling (the paper, section 2.2): a map of any size becomes a row of fixed length.
/// Shapes: input <c>[n, h, w, c]</c>, output <c>[n, bins·c]</c>, level-major, inside a level channel-major.
/// </summary>
public sealed class SpatialPyramidPool : MaximumLayer
{
    internal const string TypeName = "spatial_pyramid_pool";

    // Side of the last map of the released ZF-5.
    private const int ReleasedMap = 13;

    // Axes of a map in ONNX.
    private const int RowAxis = 2, ColumnAxis = 3;

    /// <summary>Creates the layer with the bins of the paper's Appendix A.</summary>
    /// <param name="levels">Bins along a side for each level, in output order, e.g. 1, 2, 3, 6.</param>
    public SpatialPyramidPool(params ReadOnlySpan<int> levels)
        : this(new Pyramid(levels))
    {
    }

    /// <summary>Creates the layer.</summary>
    /// <param name="pyramid">Levels and rule.</param>
    public SpatialPyramidPool(Pyramid pyramid) => Pyramid = pyramid;

    /// <summary>Levels and rule.</summary>
    public Pyramid Pyramid { get; }

    /// <inheritdoc/>
    public override string Kind => $"SpatialPyramidPool {Pyramid}";

    /// <inheritdoc/>
    public override Shape OutputShape(Shape input)
    {
        Shape output = ShapeRules.PyramidPool(input, Pyramid);
        if (Pyramid.Rule != PyramidRule.Adaptive && !(Fits(input.Height) && Fits(input.Width)))
            throw new ShapeMismatchException(NameOrKind, new Shape(input.Batch, Fitting(input.Height), Fitting(input.Width), input.Channels), input,
                $"the rule {Pyramid.Rule} does not divide this map into the levels {Pyramid}");
        return output;
    }

    /// <inheritdoc/>
    public override LayerDescription Describe() => new LayerDescription(TypeName).Add("levels", Pyramid.Levels.AsSpan()).Add("rule", Pyramid.Rule);

    internal static SpatialPyramidPool Read(LayerDescription description) =>
        new(new Pyramid(description.Wholes("levels", 1, Pyramid.MaxLevel), description.Choice<PyramidRule>("rule")));

    /// <inheritdoc/>
    public override string ToOnnx(OnnxGraph graph, OnnxValue input, string name)
    {
        if (graph.AnySize && Pyramid.Rule != PyramidRule.Adaptive)
            throw new NotSupportedException($"{name}: a pyramid of rule {Pyramid.Rule} fits certain map sizes only, so that the network cannot be written for images of any size; give the size.");
        var levels = new List<string>();
        string? extents = null;
        foreach (int level in Pyramid.Levels)
        {
            string part = $"{name}.level{level}";
            string pooled;
            if (level == 1) pooled = graph.Node("GlobalMaxPool", part, [input.Name]);
            else if (graph.AnySize)
            {
                extents ??= graph.Node("Shape", name + ".extents", [input.Name]);
                pooled = OpenLevel(graph, level, extents, OpenLevel(graph, level, extents, input.Name, RowAxis, part + ".rows"), ColumnAxis, part);
            }
            else pooled = FixedLevel(graph, level, input, part);
            levels.Add(graph.Node("Flatten", part + ".flat", [pooled], ("axis", 1L)));
        }
        return levels.Count == 1 ? levels[0] : graph.Node("Concat", name, levels, ("axis", 1L));
    }

    private protected override void Forward(Backend backend, Tensor x, Tensor y, Tensor<int>? places) => backend.PyramidForward(x, y, places, Pyramid);

    private protected override void Backward(Backend backend, Tensor dy, Tensor<int> places, Tensor dx) => backend.PyramidBackward(dy, places, dx, Pyramid);

    private bool Fits(int extent)
    {
        foreach (int level in Pyramid.Levels)
        {
            if (Pyramid.Rule == PyramidRule.SlidingWindow ? extent < level || extent % level > 1 : extent != ReleasedMap || level is not (1 or 2 or 3 or 6)) return false;
        }
        return true;
    }

    // The largest extent up to this one that fits; below the finest level none does.
    private int Fitting(int extent)
    {
        if (Pyramid.Rule == PyramidRule.ReleasedZf5) return ReleasedMap;
        for (int smaller = extent; smaller > 0; smaller--)
            if (Fits(smaller))
                return smaller;
        return Pyramid.Levels.Max();
    }

    // One pooling where the bins are evenly spaced windows, otherwise rows and then columns bin by bin: a maximum may be taken in turn.
    private string FixedLevel(OnnxGraph graph, int level, OnnxValue input, string name)
    {
        (int Start, int End)[] rows = Bins(level, input.Shape.Height), columns = Bins(level, input.Shape.Width);
        if (Spacing(rows) is { } vertical && Spacing(columns) is { } horizontal)
            return graph.Node("MaxPool", name, [input.Name],
                ("kernel_shape", (long[])[vertical.Kernel, horizontal.Kernel]), ("strides", (long[])[vertical.Stride, horizontal.Stride]),
                ("pads", (long[])[0, 0, vertical.Past, horizontal.Past]));
        return FixedAxis(graph, columns, FixedAxis(graph, rows, input.Name, RowAxis, name + ".rows"), ColumnAxis, name);
    }

    private static string FixedAxis(OnnxGraph graph, (int Start, int End)[] bins, string input, int axis, string name)
    {
        string axes = graph.Constant(name + ".axis", (long)axis);
        var parts = new List<string>();
        foreach ((int start, int end) in bins)
        {
            string part = graph.Node("Slice", name + ".bin", [input, graph.Constant(name + ".start", (long)start), graph.Constant(name + ".end", (long)end), axes]);
            long size = end - start;
            parts.Add(graph.Node("MaxPool", name + ".max", [part], ("kernel_shape", axis == RowAxis ? (long[])[size, 1] : [1, size]), ("strides", (long[])[1, 1])));
        }
        return graph.Node("Concat", name, parts, ("axis", (long)axis));
    }

    // The bins of the paper's Appendix A, ⌊i·a/n⌋ to ⌈(i+1)·a/n⌉, from the map's size at run time.
    private static string OpenLevel(OnnxGraph graph, int level, string extents, string input, int axis, string name)
    {
        string axes = graph.Constant(name + ".axis", (long)axis), divisor = graph.Constant(name + ".n", (long)level);
        string extent = graph.Node("Gather", name + ".extent", [extents, axes], ("axis", 0L));
        var parts = new List<string>();
        for (int bin = 0; bin < level; bin++)
        {
            string before = graph.Node("Mul", name + ".before", [extent, graph.Constant(name + ".i", (long)bin)]);
            string start = graph.Node("Div", name + ".start", [before, divisor]);
            string past = graph.Node("Mul", name + ".past", [extent, graph.Constant(name + ".next", bin + 1L)]);
            string rounded = graph.Node("Add", name + ".rounded", [past, graph.Constant(name + ".up", level - 1L)]);
            string end = graph.Node("Div", name + ".end", [rounded, divisor]);
            string part = graph.Node("Slice", name + ".bin", [input, start, end, axes]);
            parts.Add(graph.Node("ReduceMax", name + ".max", [part], ("axes", (long[])[axis]), ("keepdims", 1L)));
        }
        return graph.Node("Concat", name, parts, ("axis", (long)axis));
    }

    private (int Start, int End)[] Bins(int level, int extent) => [.. Enumerable.Range(0, level).Select(bin => Pyramid.BinRange(Pyramid.Rule, level, bin, extent))];

    // Windows of one size at one distance, the last one perhaps cut off at the end of the map.
    private static (int Kernel, int Stride, int Past)? Spacing((int Start, int End)[] bins)
    {
        int kernel = bins[0].End - bins[0].Start, stride = bins[1].Start - bins[0].Start, extent = bins[^1].End;
        if (stride < 1) return null;
        for (int i = 0; i < bins.Length; i++)
            if (bins[i] != (i * stride, Math.Min(i * stride + kernel, extent)))
                return null;
        return (kernel, stride, bins[^1].Start + kernel - extent);
    }
}
