namespace IlgpuSpp.Layers;

/// <summary>What max and average pooling say alike about their windows: as options, and in the terms of ONNX.</summary>
internal static class PoolWindows
{
    public static LayerDescription Add(this LayerDescription description, PoolGeometry windows) => description
        .Add("kernel", windows.KernelHeight, windows.KernelWidth)
        .Add("stride", windows.StrideHeight, windows.StrideWidth)
        .AddPadding(windows.PadHeight, windows.PadWidth, windows.PadBottom, windows.PadRight)
        .Add("rounding", windows.Rounding);

    public static PoolGeometry Windows(this LayerDescription description)
    {
        (int kernelHeight, int kernelWidth) = description.Pair("kernel", 1);
        (int strideHeight, int strideWidth) = description.Pair("stride", 1);
        (int top, int left, int bottom, int right) = description.Padding();
        if (Math.Max(top, bottom) >= kernelHeight || Math.Max(left, right) >= kernelWidth) throw new FormatException("the padding of a pooling must be less than its window");
        return new PoolGeometry(kernelHeight, kernelWidth, strideHeight, strideWidth, top, left, description.Choice<PoolRounding>("rounding")) { PadBottom = bottom, PadRight = right };
    }

    /// <summary>
    /// The attributes of a pooling's windows. Where the size is known every window is given by explicit paddings, so that no runtime
    /// has to agree with another about rounding; where it is open only windows that all runtimes place alike are written.
    /// </summary>
    /// <exception cref="NotSupportedException">The size is open, and runtimes differ about the windows.</exception>
    public static (string Name, object Value)[] Attributes(OnnxGraph graph, PoolGeometry windows, Shape input, string name)
    {
        if (!graph.AnySize) return Explicit(windows, input, ShapeRules.Pool(input, windows));
        bool up = windows.Rounding == PoolRounding.Ceil;
        // With padding or gaps the last window may begin past the map, and runtimes differ about such windows.
        if (up && (IsPadded(windows) || windows.StrideHeight > windows.KernelHeight || windows.StrideWidth > windows.KernelWidth))
            throw new NotSupportedException($"{name}: a pooling rounded up with padding or with gaps between its windows cannot be written for images of any size; give the size.");
        return [.. Sides(windows), ("pads", (long[])[windows.PadHeight, windows.PadWidth, windows.PadBottom, windows.PadRight]), ("ceil_mode", up ? 1L : 0L)];
    }

    public static bool IsPadded(PoolGeometry windows) => windows.PadHeight > 0 || windows.PadWidth > 0 || windows.PadBottom > 0 || windows.PadRight > 0;

    /// <summary>The attributes with padding at the end as far as the last window reaches, so that rounding down gives all windows.</summary>
    public static (string Name, object Value)[] Explicit(PoolGeometry windows, Shape input, Shape output) =>
    [
        .. Sides(windows),
        ("pads", (long[])[windows.PadHeight, windows.PadWidth,
            Past(output.Height, windows.StrideHeight, windows.KernelHeight, input.Height + windows.PadHeight), Past(output.Width, windows.StrideWidth, windows.KernelWidth, input.Width + windows.PadWidth)]),
    ];

    private static (string, object)[] Sides(PoolGeometry windows) =>
        [("kernel_shape", (long[])[windows.KernelHeight, windows.KernelWidth]), ("strides", (long[])[windows.StrideHeight, windows.StrideWidth])];

    private static int Past(int count, int stride, int kernel, int extent) => Math.Max(0, (count - 1) * stride + kernel - extent);
}
