using System.Runtime.CompilerServices;

namespace IlgpuSpp.Engine;

/// <summary>
/// Checks the operands of every operation before it is dispatched. Every backend calls the method of the operation's
/// name first, so that all refuse the same calls with the same words.
/// </summary>
public static class OpChecks
{
    /// <summary>Host memory has as many elements as a tensor.</summary>
    public static void Length(int length, Shape shape)
    {
        if (length != shape.Count) throw new ShapeMismatchException("Copy", shape, new Shape(length), "host memory and tensor differ in length");
    }

    /// <summary>Two tensors have the same number of elements.</summary>
    public static void SameCount(Tensor a, Tensor b, [CallerMemberName] string operation = "")
    {
        if (a.Count != b.Count) throw new ShapeMismatchException(operation, a.Shape, b.Shape, "the operands differ in their number of elements");
    }

    /// <summary>Three tensors have the same number of elements.</summary>
    public static void SameCount(Tensor a, Tensor b, Tensor c, [CallerMemberName] string operation = "")
    {
        SameCount(a, b, operation);
        SameCount(a, c, operation);
    }

    /// <summary>A tensor has exactly the expected shape.</summary>
    public static void Expect(string operation, string operand, Shape expected, Shape actual)
    {
        if (expected != actual) throw new ShapeMismatchException(operation, expected, actual, $"{operand} has the wrong shape");
    }

    /// <summary>A tensor has the expected number of elements, in any shape.</summary>
    public static void ExpectCount(string operation, string operand, Shape expected, Shape actual)
    {
        if (expected.Count != actual.Count) throw new ShapeMismatchException(operation, expected, actual, $"{operand} has the wrong number of elements");
    }

    /// <summary>Checks the operands of <see cref="Backend.ConcatForward"/> and its reverse.</summary>
    public static void Concat(string operation, ReadOnlySpan<Tensor> parts, Tensor whole)
    {
        long channels = 0;
        foreach (Tensor part in parts)
        {
            channels += part.Shape.Channels;
            if (part.Count / Math.Max(1, part.Shape.Channels) != whole.Count / Math.Max(1, whole.Shape.Channels))
                throw new ShapeMismatchException(operation, whole.Shape, part.Shape, "only the innermost extent may differ");
        }
        if (channels != whole.Shape.Channels)
            throw new ShapeMismatchException(operation, whole.Shape, parts.IsEmpty ? default : parts[0].Shape, $"the innermost extents add up to {channels}");
    }

    /// <summary>Checks a matrix product and returns its extents.</summary>
    public static (int M, int N, int K) Gemm(bool transposeA, bool transposeB, Tensor a, Tensor b, Tensor c)
    {
        RequireRank("Gemm", "A", 2, a.Shape);
        RequireRank("Gemm", "B", 2, b.Shape);
        int m = a.Shape[transposeA ? 1 : 0], k = a.Shape[transposeA ? 0 : 1], n = b.Shape[transposeB ? 0 : 1];
        if (b.Shape[transposeB ? 1 : 0] != k)
            throw new ShapeMismatchException("Gemm", a.Shape, b.Shape, $"the inner extents differ (transposeA {transposeA}, transposeB {transposeB})");
        Expect("Gemm", "C", new Shape(m, n), c.Shape);
        return (m, n, k);
    }

    /// <summary>Checks a fully connected layer's operands and returns (rows, inputs, outputs).</summary>
    public static (int Rows, int Inputs, int Outputs) Linear(string operation, Shape x, Shape w, Shape y, Tensor? bias)
    {
        RequireRank(operation, "w", 2, w);
        int outputs = w[0], inputs = w[1];
        if (x.RowLength != inputs) throw new ShapeMismatchException(operation, new Shape(x.Batch, inputs), x, $"rows of the input must have {inputs} elements");
        if (y.Batch != x.Batch || y.RowLength != outputs) throw new ShapeMismatchException(operation, new Shape(x.Batch, outputs), y, "the output has the wrong shape");
        if (bias is not null) ExpectCount(operation, "the bias", new Shape(outputs), bias.Shape);
        return (x.Batch, inputs, outputs);
    }

    /// <summary>Checks a convolution's operands.</summary>
    public static void Conv(string operation, Shape x, Shape w, Shape y, Tensor? bias, ConvGeometry geometry)
    {
        RequireRank(operation, "x", 4, x);
        RequireRank(operation, "w", 4, w);
        int outChannels = w[3];
        if (geometry.Groups < 1 || x.Channels % geometry.Groups != 0 || outChannels % geometry.Groups != 0)
            throw new ShapeMismatchException(operation, w, x, $"{geometry.Groups} groups must divide the input and output channels");
        Expect(operation, "w", ShapeRules.ConvWeights(x.Channels, outChannels, geometry), w);
        Expect(operation, "y", ShapeRules.Conv(x, outChannels, geometry), y);
        if (bias is not null) ExpectCount(operation, "the bias", new Shape(outChannels), bias.Shape);
    }

    /// <summary>Checks a pooling's operands.</summary>
    public static void Pool(string operation, Shape x, Shape y, Tensor<int>? argmax, PoolGeometry geometry)
    {
        if (geometry.PadHeight >= geometry.KernelHeight || geometry.PadWidth >= geometry.KernelWidth)
            throw new ArgumentException($"{operation}: the padding {geometry.PadHeight}x{geometry.PadWidth} must be smaller than the window {geometry.KernelHeight}x{geometry.KernelWidth}.");
        Expect(operation, "y", ShapeRules.Pool(x, geometry), y);
        if (argmax is not null) ExpectCount(operation, "argmax", y, argmax.Shape);
    }

    /// <summary>Checks a pyramid's operands over whole maps.</summary>
    public static void Pyramid(string operation, Shape x, Shape y, Tensor<int>? argmax, Pyramid pyramid)
    {
        Expect(operation, "y", ShapeRules.PyramidPool(x, pyramid), y);
        if (argmax is not null) ExpectCount(operation, "argmax", y, argmax.Shape);
        if (pyramid.Rule == PyramidRule.Adaptive) return;
        foreach (int level in pyramid.Levels)
        {
            _ = Engine.Pyramid.BinRange(pyramid.Rule, level, 0, x.Height);
            _ = Engine.Pyramid.BinRange(pyramid.Rule, level, 0, x.Width);
        }
    }

    /// <summary>Checks a pyramid's operands over windows.</summary>
    public static void WindowPyramid(string operation, Shape x, Shape windows, Shape y, Tensor<int>? argmax, Pyramid pyramid)
    {
        if (windows.Rank != 2 || windows[1] != 5)
            throw new ShapeMismatchException(operation, new Shape(windows.Batch, 5), windows, "windows are rows of (image, top, left, bottom, right)");
        if (pyramid.Rule != PyramidRule.Adaptive)
            throw new ArgumentException($"{operation}: windows are pooled by the Adaptive rule, not {pyramid.Rule}.");
        Expect(operation, "y", ShapeRules.WindowPyramidPool(x, windows, pyramid), y);
        if (argmax is not null) ExpectCount(operation, "argmax", y, argmax.Shape);
    }

    /// <summary>Checks a local response normalisation's operands.</summary>
    public static void Lrn(string operation, Tensor x, Tensor y, Tensor? scale, LrnGeometry geometry)
    {
        RequireRank(operation, "x", 4, x.Shape);
        if (geometry.Size < 1 || geometry.Size % 2 == 0)
            throw new ArgumentException($"{operation}: the window side must be odd, not {geometry.Size}.");
        Expect(operation, "y", x.Shape, y.Shape);
        if (scale is not null) Expect(operation, "scale", x.Shape, scale.Shape);
    }

    /// <summary>Checks a batch normalisation's operands; every statistic has one value a channel.</summary>
    public static void BatchNorm(string operation, Tensor x, Tensor y, params ReadOnlySpan<Tensor> perChannel)
    {
        Expect(operation, "y", x.Shape, y.Shape);
        foreach (Tensor statistic in perChannel)
            ExpectCount(operation, "a per-channel operand", new Shape(x.Shape.Channels), statistic.Shape);
    }

    /// <summary>Checks a loss over rows.</summary>
    public static void Rows(string operation, Tensor x, Shape labels, Tensor? losses)
    {
        RequireRank(operation, "x", 2, x.Shape);
        ExpectCount(operation, "labels", new Shape(x.Shape.Batch), labels);
        if (losses is not null) ExpectCount(operation, "losses", new Shape(x.Shape.Batch), losses.Shape);
    }

    /// <summary>A probability lies in [0, 1).</summary>
    public static void Rate(string operation, float rate)
    {
        if (!(rate >= 0 && rate < 1)) throw new ArgumentOutOfRangeException(nameof(rate), rate, $"{operation}: the rate must be in [0, 1).");
    }

    /// <summary>Checks the optimiser's slots.</summary>
    public static void Slots(string operation, ReadOnlySpan<OptimiserSlot> slots, int states)
    {
        foreach (ref readonly OptimiserSlot slot in slots)
        {
            ExpectCount(operation, "a gradient", slot.Value.Shape, slot.Gradient.Shape);
            if (states >= 1) ExpectCount(operation, "the first state", slot.Value.Shape, (slot.FirstState ?? throw new ArgumentException($"{operation}: a slot has no first state.")).Shape);
            if (states >= 2) ExpectCount(operation, "the second state", slot.Value.Shape, (slot.SecondState ?? throw new ArgumentException($"{operation}: a slot has no second state.")).Shape);
        }
    }

    private static void RequireRank(string operation, string operand, int rank, Shape actual)
    {
        if (actual.Rank != rank)
            throw new ShapeMismatchException(operation, rank == 4 ? new Shape(1, 1, 1, 1) : new Shape(1, 1), actual, $"{operand} must have {rank} dimensions");
    }
}
