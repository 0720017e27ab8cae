namespace IlgpuSpp.Engine;

/// <summary>The output shape of every operation that changes shapes, in one place. Layers and checks both ask here.</summary>
public static class ShapeRules
{
    /// <summary>Windows of a convolution along one side: ⌊(a + p + q − k) / s⌋ + 1, or 0 where none fits.</summary>
    /// <param name="extent">Rows or columns, a.</param>
    /// <param name="kernel">Window side, k.</param>
    /// <param name="stride">Stride, s.</param>
    /// <param name="before">Padding in front, p.</param>
    /// <param name="after">Padding behind, q.</param>
    public static int ConvExtent(int extent, int kernel, int stride, int before, int after) =>
        extent + before + after < kernel || extent < 1 ? 0 : (extent + before + after - kernel) / stride + 1;

    /// <summary>Windows of a pooling along one side, or 0 where none fits.</summary>
    /// <param name="extent">Rows or columns, a.</param>
    /// <param name="kernel">Window side, k.</param>
    /// <param name="stride">Stride, s.</param>
    /// <param name="before">Padding in front, p.</param>
    /// <param name="after">Padding behind, q.</param>
    /// <param name="rounding">How the number of windows is rounded.</param>
    public static int PoolExtent(int extent, int kernel, int stride, int before, int after, PoolRounding rounding)
    {
        if (extent < 1) return 0;
        int room = extent + before + after - kernel;
        if (rounding == PoolRounding.Floor) return room < 0 ? 0 : room / stride + 1;
        // Caffe clips its windows to the map, so that one window always fits.
        int windows = room <= 0 ? 1 : (room + stride - 1) / stride + 1;
        // Also without padding: a stride above the window could leave the last one without an element.
        if ((windows - 1) * stride >= extent + before) windows--;
        return windows;
    }

    /// <summary>Output of a convolution. <c>x: [n, h, w, in]</c> → <c>[n, oh, ow, out]</c>.</summary>
    /// <param name="x">Input shape.</param>
    /// <param name="outChannels">Output channels.</param>
    /// <param name="geometry">The windows.</param>
    /// <exception cref="InputTooSmallException">No window fits into the map.</exception>
    public static Shape Conv(Shape x, int outChannels, ConvGeometry geometry)
    {
        RequireMap("Conv", x);
        int height = ConvExtent(x.Height, geometry.KernelHeight, geometry.StrideHeight, geometry.PadHeight, geometry.PadBottom);
        int width = ConvExtent(x.Width, geometry.KernelWidth, geometry.StrideWidth, geometry.PadWidth, geometry.PadRight);
        if (height == 0 || width == 0)
            throw new InputTooSmallException("Conv", x.Height, x.Width,
                Math.Max(1, geometry.KernelHeight - geometry.PadHeight - geometry.PadBottom), Math.Max(1, geometry.KernelWidth - geometry.PadWidth - geometry.PadRight));
        return new Shape(x.Batch, height, width, outChannels);
    }

    /// <summary>Weights of a convolution: <c>[kh, kw, in/groups, out]</c>.</summary>
    /// <param name="inChannels">Input channels.</param>
    /// <param name="outChannels">Output channels.</param>
    /// <param name="geometry">The windows.</param>
    public static Shape ConvWeights(int inChannels, int outChannels, ConvGeometry geometry) =>
        new(geometry.KernelHeight, geometry.KernelWidth, inChannels / geometry.Groups, outChannels);

    /// <summary>Output of a pooling. <c>x: [n, h, w, c]</c> → <c>[n, oh, ow, c]</c>.</summary>
    /// <param name="x">Input shape.</param>
    /// <param name="geometry">The windows.</param>
    /// <exception cref="InputTooSmallException">No window fits into the map.</exception>
    public static Shape Pool(Shape x, PoolGeometry geometry)
    {
        RequireMap("Pool", x);
        int height = PoolExtent(x.Height, geometry.KernelHeight, geometry.StrideHeight, geometry.PadHeight, geometry.PadBottom, geometry.Rounding);
        int width = PoolExtent(x.Width, geometry.KernelWidth, geometry.StrideWidth, geometry.PadWidth, geometry.PadRight, geometry.Rounding);
        if (height == 0 || width == 0)
            throw new InputTooSmallException("Pool", x.Height, x.Width,
                Math.Max(1, geometry.KernelHeight - geometry.PadHeight - geometry.PadBottom), Math.Max(1, geometry.KernelWidth - geometry.PadWidth - geometry.PadRight));
        return new Shape(x.Batch, height, width, x.Channels);
    }

    /// <summary>Output of a pyramid over whole maps: <c>[n, h, w, c]</c> → <c>[n, bins·c]</c>, whatever h and w.</summary>
    /// <param name="x">Input shape.</param>
    /// <param name="pyramid">The pyramid.</param>
    /// <exception cref="InputTooSmallException">The map has no element.</exception>
    public static Shape PyramidPool(Shape x, Pyramid pyramid)
    {
        RequireMap("PyramidPool", x);
        if (x.Height < 1 || x.Width < 1) throw new InputTooSmallException("PyramidPool", x.Height, x.Width, 1, 1);
        return new Shape(x.Batch, PyramidLength(pyramid, x.Channels));
    }

    /// <summary>Output of a pyramid over windows: <c>[r, 5]</c> windows → <c>[r, bins·c]</c>.</summary>
    /// <param name="x">Shape of the maps.</param>
    /// <param name="windows">Shape of the windows.</param>
    /// <param name="pyramid">The pyramid.</param>
    public static Shape WindowPyramidPool(Shape x, Shape windows, Pyramid pyramid)
    {
        RequireMap("WindowPyramidPool", x);
        return new Shape(windows.Batch, PyramidLength(pyramid, x.Channels));
    }

    /// <summary>Length of a pooled row: one number a bin and channel.</summary>
    /// <param name="pyramid">The pyramid.</param>
    /// <param name="channels">Channels of the map.</param>
    public static int PyramidLength(Pyramid pyramid, int channels) => checked(pyramid.Bins * channels);

    /// <summary>Output of a pooling over whole maps: <c>[n, h, w, c]</c> → <c>[n, c]</c>.</summary>
    /// <param name="x">Input shape.</param>
    /// <exception cref="InputTooSmallException">The map has no element.</exception>
    public static Shape GlobalPool(Shape x)
    {
        RequireMap("GlobalPool", x);
        if (x.Height < 1 || x.Width < 1) throw new InputTooSmallException("GlobalPool", x.Height, x.Width, 1, 1);
        return new Shape(x.Batch, x.Channels);
    }

    /// <summary>Output of flattening: <c>[n, …]</c> → <c>[n, elements of a row]</c>.</summary>
    /// <param name="x">Input shape.</param>
    public static Shape Flatten(Shape x) => new(x.Batch, x.RowLength);

    /// <summary>Output of a fully connected layer: <c>[n, in]</c> → <c>[n, out]</c>.</summary>
    /// <param name="x">Input shape; everything but the batch is the row.</param>
    /// <param name="outFeatures">Outputs.</param>
    public static Shape Linear(Shape x, int outFeatures) => new(x.Batch, outFeatures);

    /// <summary>Output of a concatenation along the innermost dimension.</summary>
    /// <param name="inputs">The inputs' shapes; all but the innermost extent agree.</param>
    /// <exception cref="ShapeMismatchException">They do not agree.</exception>
    public static Shape Concat(ReadOnlySpan<Shape> inputs)
    {
        if (inputs.IsEmpty) throw new ArgumentException("Concat has at least one input.", nameof(inputs));
        int[] extents = inputs[0].ToArray();
        int channels = 0;
        foreach (Shape input in inputs)
        {
            int[] mine = input.ToArray();
            channels += mine[^1];
            if (!mine.AsSpan()[..^1].SequenceEqual(extents.AsSpan()[..^1]))
                throw new ShapeMismatchException("Concat", inputs[0], input, "only the innermost extent may differ");
        }
        extents[^1] = channels;
        return new Shape(extents);
    }

    private static void RequireMap(string operation, Shape x)
    {
        if (x.Rank != 4)
            throw new ShapeMismatchException(operation, new Shape(1, 1, 1, 1), x, "the input must be a feature map [batch, height, width, channels]");
    }
}
