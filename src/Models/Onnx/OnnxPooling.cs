using IlgpuSpp.Engine;

namespace IlgpuSpp.Models;

/// <summary>
/// Writes poolings as ONNX nodes. Where the size is known every window is given by explicit paddings, so that no runtime
/// has to agree with another about rounding; where it is open only windows that all runtimes place alike are written.
/// </summary>
internal sealed class OnnxPooling(OnnxGraph graph, bool dynamic)
{
    private const int RowAxis = 2, ColumnAxis = 3;

    public string Max(PoolGeometry geometry, OnnxValue input, string name) => graph.Node("MaxPool", name, [input.Name], Windows(geometry, input, name));

    public string Average(PoolGeometry geometry, AveragePoolDivisor divisor, OnnxValue input, string name)
    {
        bool padded = geometry.PadHeight > 0 || geometry.PadWidth > 0;
        if (divisor == AveragePoolDivisor.Valid || !padded)
            return graph.Node("AveragePool", name, [input.Name], [.. Windows(geometry, input, name), ("count_include_pad", 0L)]);
        // Zeros that count are put around the map first; what reaches past them does not count.
        string around = graph.Node("Pad", name + ".pad", [input.Name, graph.Constant(name + ".pads", 0, 0, geometry.PadHeight, geometry.PadWidth, 0, 0, geometry.PadHeight, geometry.PadWidth)]);
        Shape shape = new(1, input.Shape.Height + 2 * geometry.PadHeight, input.Shape.Width + 2 * geometry.PadWidth, input.Shape.Channels);
        Shape output = ShapeRules.Pool(input.Shape, geometry);
        PoolGeometry inner = geometry with { PadHeight = 0, PadWidth = 0 };
        if (dynamic) return graph.Node("AveragePool", name, [around], [.. Windows(inner with { Rounding = RequireFloor(geometry, name) }, new OnnxValue(around, shape), name), ("count_include_pad", 0L)]);
        return graph.Node("AveragePool", name, [around], [.. Explicit(inner, shape, output.Height, output.Width), ("count_include_pad", 0L)]);
    }

    public string Pyramid(Pyramid pyramid, OnnxValue input, string name)
    {
        if (dynamic && pyramid.Rule != PyramidRule.Adaptive)
            throw new NotSupportedException($"{name}: a pyramid of rule {pyramid.Rule} fits certain map sizes only, so that the network cannot be written for images of any size; give the size.");
        var levels = new List<string>();
        string? extents = null;
        foreach (int level in pyramid.Levels)
        {
            string part = $"{name}.level{level}";
            string pooled;
            if (level == 1) pooled = graph.Node("GlobalMaxPool", part, [input.Name]);
            else if (dynamic)
            {
                extents ??= graph.Node("Shape", name + ".extents", [input.Name]);
                pooled = OpenLevel(level, extents, OpenLevel(level, extents, input.Name, RowAxis, part + ".rows"), ColumnAxis, part);
            }
            else pooled = FixedLevel(pyramid.Rule, level, input, part);
            levels.Add(graph.Node("Flatten", part + ".flat", [pooled], ("axis", 1L)));
        }
        return levels.Count == 1 ? levels[0] : graph.Node("Concat", name, levels, ("axis", 1L));
    }

    // One pooling where the bins are evenly spaced windows, otherwise rows and then columns bin by bin: a maximum may be taken in turn.
    private string FixedLevel(PyramidRule rule, int level, OnnxValue input, string name)
    {
        (int Start, int End)[] rows = Bins(rule, level, input.Shape.Height), columns = Bins(rule, level, input.Shape.Width);
        if (Spacing(rows) is { } vertical && Spacing(columns) is { } horizontal)
            return graph.Node("MaxPool", name, [input.Name],
                ("kernel_shape", (long[])[vertical.Kernel, horizontal.Kernel]), ("strides", (long[])[vertical.Stride, horizontal.Stride]),
                ("pads", (long[])[0, 0, vertical.Past, horizontal.Past]));
        return FixedAxis(columns, FixedAxis(rows, input.Name, RowAxis, name + ".rows"), ColumnAxis, name);
    }

    private string FixedAxis((int Start, int End)[] bins, string input, int axis, string name)
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
    private string OpenLevel(int level, string extents, string input, int axis, string name)
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

    private (string, object)[] Windows(PoolGeometry geometry, OnnxValue input, string name)
    {
        if (!dynamic)
        {
            Shape output = ShapeRules.Pool(input.Shape, geometry);
            return Explicit(geometry, input.Shape, output.Height, output.Width);
        }
        bool up = geometry.Rounding == PoolRounding.Ceil;
        // With padding or gaps the last window may begin past the map, and runtimes differ about such windows.
        if (up && (geometry.PadHeight > 0 || geometry.PadWidth > 0 || geometry.StrideHeight > geometry.KernelHeight || geometry.StrideWidth > geometry.KernelWidth))
            throw new NotSupportedException($"{name}: a pooling rounded up with padding or with gaps between its windows cannot be written for images of any size; give the size.");
        return
        [
            ("kernel_shape", (long[])[geometry.KernelHeight, geometry.KernelWidth]), ("strides", (long[])[geometry.StrideHeight, geometry.StrideWidth]),
            ("pads", (long[])[geometry.PadHeight, geometry.PadWidth, geometry.PadHeight, geometry.PadWidth]), ("ceil_mode", up ? 1L : 0L),
        ];
    }

    // Padding at the end as far as the last window reaches, so that rounding down gives all windows.
    private static (string, object)[] Explicit(PoolGeometry geometry, Shape map, int rows, int columns) =>
    [
        ("kernel_shape", (long[])[geometry.KernelHeight, geometry.KernelWidth]), ("strides", (long[])[geometry.StrideHeight, geometry.StrideWidth]),
        ("pads", (long[])[geometry.PadHeight, geometry.PadWidth,
            Past(rows, geometry.StrideHeight, geometry.KernelHeight, map.Height + geometry.PadHeight), Past(columns, geometry.StrideWidth, geometry.KernelWidth, map.Width + geometry.PadWidth)]),
    ];

    private static int Past(int windows, int stride, int kernel, int extent) => Math.Max(0, (windows - 1) * stride + kernel - extent);

    private static PoolRounding RequireFloor(PoolGeometry geometry, string name) => geometry.Rounding == PoolRounding.Floor
        ? PoolRounding.Floor
        : throw new NotSupportedException($"{name}: an average pooling rounded up with padding cannot be written for images of any size; give the size.");

    private static (int Start, int End)[] Bins(PyramidRule rule, int level, int extent) =>
        [.. Enumerable.Range(0, level).Select(bin => Engine.Pyramid.BinRange(rule, level, bin, extent))];

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
