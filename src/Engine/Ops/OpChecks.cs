namespace IlgpuSpp.Engine;

/// <summary>
/// Checks the operands of every operation. The public operations of <see cref="Backend"/> call it before they dispatch, so
/// that all devices refuse the same calls with the same words.
/// </summary>
internal static class OpChecks
{
    /// <summary>Host memory has as many elements as a tensor.</summary>
    public static void Length(int length, Shape shape)
    {
        if (length != shape.Count) throw new ShapeMismatchException("Copy", shape, new Shape(length), "host memory and tensor differ in length");
    }

    /// <summary>An operation on elements: as many in every operand, each input the same memory as the output or apart from it.</summary>
    public static void Elements(string operation, Tensor output, params ReadOnlySpan<Tensor> inputs)
    {
        foreach (Tensor input in inputs)
        {
            if (input.Count != output.Count)
                throw new ShapeMismatchException(operation, input.Shape, output.Shape, "the operands differ in their number of elements");
            SameOrSeparate(operation, output, input);
        }
    }

    /// <summary>An output shares no memory with the other operands; absent ones are skipped.</summary>
    public static void Separate(string operation, Tensor? output, params ReadOnlySpan<Tensor?> others)
    {
        if (output is null) return;
        foreach (Tensor? other in others)
            if (other is not null && Overlap(output, other))
                throw new OverlapException(operation, output.Shape, other.Shape);
    }

    /// <summary>An output is its input, or shares no memory with it.</summary>
    public static void SameOrSeparate(string operation, Tensor output, Tensor input)
    {
        if (output.Offset != input.Offset && Overlap(output, input)) throw new OverlapException(operation, output.Shape, input.Shape);
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

    /// <summary>The parts of a convolution fit each other.</summary>
    public static void ConvSource(string operation, ConvSource source)
    {
        if (source.Weights.Shape.Rank != 4) throw new ShapeMismatchException(operation, new Shape(source.Geometry.KernelHeight, source.Geometry.KernelWidth, 1, 1), source.Weights.Shape, "weights have four dimensions");
        var channels = new Shape(source.Weights.Shape[3]);
        if (source.Bias is not null) Expect(operation, "bias", channels, source.Bias.Shape);
        if (source.Normalisation is not { } norm) return;
        foreach ((string name, Tensor tensor) in ((string, Tensor)[])[("gamma", norm.Gamma), ("beta", norm.Beta), ("mean", norm.Mean), ("variance", norm.Variance)]) Expect(operation, name, channels, tensor.Shape);
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

    /// <summary>Checks a matrix product.</summary>
    public static void Gemm(bool transposeA, bool transposeB, Tensor a, Tensor b, Tensor c)
    {
        RequireRank("Gemm", "A", 2, a.Shape);
        RequireRank("Gemm", "B", 2, b.Shape);
        int m = a.Shape[transposeA ? 1 : 0], k = a.Shape[transposeA ? 0 : 1], n = b.Shape[transposeB ? 0 : 1];
        if (b.Shape[transposeB ? 1 : 0] != k)
            throw new ShapeMismatchException("Gemm", a.Shape, b.Shape, $"the inner extents differ (transposeA {transposeA}, transposeB {transposeB})");
        Expect("Gemm", "C", new Shape(m, n), c.Shape);
    }

    /// <summary>Checks a fully connected layer's operands.</summary>
    public static void Linear(string operation, Shape x, Shape w, Shape y, Tensor? bias)
    {
        RequireRank(operation, "w", 2, w);
        int outputs = w[0], inputs = w[1];
        if (x.RowLength != inputs) throw new ShapeMismatchException(operation, new Shape(x.Batch, inputs), x, $"rows of the input must have {inputs} elements");
        if (y.Batch != x.Batch || y.RowLength != outputs) throw new ShapeMismatchException(operation, ShapeRules.Linear(x, outputs), y, "the output has the wrong shape");
        if (bias is not null) ExpectCount(operation, "the bias", new Shape(outputs), bias.Shape);
    }

    /// <summary>Weights can become 8-bit numbers.</summary>
    public static void Int8(string operation, Shape w)
    {
        RequireRank(operation, "w", 2, w);
        if (w[1] > PackedInt8.MostInputs) throw new ShapeMismatchException(operation, new Shape(w[0], PackedInt8.MostInputs), w, "the sums of more products than that have more than 32 bits");
    }

    /// <summary>Checks a convolution's operands.</summary>
    public static void Conv(string operation, Shape x, Shape w, Shape y, Tensor? bias, ConvGeometry geometry)
    {
        RequireRank(operation, "x", 4, x);
        RequireRank(operation, "w", 4, w);
        RequireWindow(operation, geometry.KernelHeight, geometry.KernelWidth, geometry.StrideHeight, geometry.StrideWidth, Math.Min(geometry.PadHeight, geometry.PadBottom), Math.Min(geometry.PadWidth, geometry.PadRight));
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
        RequireWindow(operation, geometry.KernelHeight, geometry.KernelWidth, geometry.StrideHeight, geometry.StrideWidth, Math.Min(geometry.PadHeight, geometry.PadBottom), Math.Min(geometry.PadWidth, geometry.PadRight));
        if (Math.Max(geometry.PadHeight, geometry.PadBottom) >= geometry.KernelHeight || Math.Max(geometry.PadWidth, geometry.PadRight) >= geometry.KernelWidth)
            throw new OptionsException(operation, "the padding", $"must be smaller than the window {geometry.KernelHeight}x{geometry.KernelWidth}, but is {geometry.PadHeight}+{geometry.PadBottom} x {geometry.PadWidth}+{geometry.PadRight}");
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
            throw new OptionsException(operation, "the rule", $"must be {PyramidRule.Adaptive} for windows, but is {pyramid.Rule}");
        Expect(operation, "y", ShapeRules.WindowPyramidPool(x, windows, pyramid), y);
        if (argmax is not null) ExpectCount(operation, "argmax", y, argmax.Shape);
    }

    /// <summary>Checks what a local response normalisation normalises, and over which window.</summary>
    public static void Lrn(string operation, Tensor x, LrnGeometry geometry)
    {
        RequireRank(operation, "x", 4, x.Shape);
        if (geometry.Size < 1 || geometry.Size % 2 == 0)
            throw new OptionsException(operation, "the window side", $"must be odd, but is {geometry.Size}");
    }

    /// <summary>Every operand has one value a channel of x.</summary>
    public static void PerChannel(string operation, Tensor x, params ReadOnlySpan<Tensor> operands)
    {
        foreach (Tensor operand in operands)
            ExpectCount(operation, "a per-channel operand", new Shape(x.Shape.Channels), operand.Shape);
    }

    /// <summary>An operation on the rows of a matrix, with one value a row.</summary>
    public static void Rows(string operation, Shape matrix, Shape values, string operand)
    {
        RequireRank(operation, "the matrix", 2, matrix);
        ExpectCount(operation, operand, new Shape(matrix.Batch), values);
    }

    /// <summary>A row has at least one column.</summary>
    public static void HasColumns(string operation, Shape matrix)
    {
        if (matrix.Channels == 0) throw new ShapeMismatchException(operation, new Shape(matrix.Batch, 1), matrix, "a row must have at least one column");
    }

    /// <summary>A probability lies in [0, 1).</summary>
    public static void Rate(string operation, float rate)
    {
        if (!(rate >= 0 && rate < 1)) throw new OptionsException(operation, "the rate", FormattableString.Invariant($"must be in [0, 1), but is {rate}"));
    }

    /// <summary>The corner of the smooth L1 loss lies above 0.</summary>
    public static void Corner(string operation, float beta)
    {
        if (!(beta > 0)) throw new OptionsException(operation, "beta", FormattableString.Invariant($"must be above 0, but is {beta}"));
    }

    /// <summary>The exponent of a focal loss is a number from 0.</summary>
    public static void Focus(string operation, float focus)
    {
        if (!(focus >= 0 && float.IsFinite(focus))) throw new OptionsException(operation, "the focus", FormattableString.Invariant($"must be at least 0, but is {focus}"));
    }

    /// <summary>The smoothing of labels lies in [0, 1].</summary>
    public static void Smoothing(string operation, float smoothing)
    {
        if (!(smoothing >= 0 && smoothing <= 1)) throw new OptionsException(operation, "the smoothing", FormattableString.Invariant($"must be in [0, 1], but is {smoothing}"));
    }

    /// <summary>The activation is one that there is.</summary>
    public static void KnownActivation(string operation, Activation activation)
    {
        // Not Enum.IsDefined: what it looks names up in is thrown away by collections and allocated again, here at every step.
        if (activation.Kind is < ActivationKind.None or > ActivationKind.HardSigmoid)
            throw new OptionsException(operation, "the activation", $"must be one of {string.Join(", ", Enum.GetNames<ActivationKind>())}, but is {activation.Kind}");
    }

    /// <summary>Steps are counted from 1.</summary>
    public static void StepNumber(string operation, int step)
    {
        if (step < 1) throw new OptionsException(operation, "the step", $"must be at least 1, but is {step}");
    }

    /// <summary>Checks averages and their values.</summary>
    public static void Pairs(string operation, ReadOnlySpan<Tensor> averages, ReadOnlySpan<Tensor> values)
    {
        if (averages.Length != values.Length)
            throw new OptionsException(operation, "the values", $"must be as many as the {averages.Length} averages, but are {values.Length}");
        for (int i = 0; i < averages.Length; i++) Elements(operation, averages[i], values[i]);
    }

    /// <summary>Checks the optimiser's slots.</summary>
    public static void Slots(string operation, ReadOnlySpan<OptimiserSlot> slots, int states)
    {
        foreach (ref readonly OptimiserSlot slot in slots)
        {
            ExpectCount(operation, "a gradient", slot.Value.Shape, slot.Gradient.Shape);
            if (states >= 1) ExpectCount(operation, "the first state", slot.Value.Shape, (slot.FirstState ?? throw new OptionsException(operation, "the first state of every slot", "must be given")).Shape);
            if (states >= 2) ExpectCount(operation, "the second state", slot.Value.Shape, (slot.SecondState ?? throw new OptionsException(operation, "the second state of every slot", "must be given")).Shape);
            Separate(operation, slot.Value, slot.Gradient, slot.FirstState, slot.SecondState);
        }
    }

    /// <summary>A tensor has the expected number of dimensions.</summary>
    public static void RequireRank(string operation, string operand, int rank, Shape actual)
    {
        if (actual.Rank != rank)
            throw new ShapeMismatchException(operation, rank == 4 ? new Shape(1, 1, 1, 1) : new Shape(1, 1), actual, $"{operand} must have {rank} dimensions");
    }

    private static bool Overlap(Tensor a, Tensor b) =>
        ReferenceEquals(a.Buffer, b.Buffer) && a.Offset < b.Offset + b.Count && b.Offset < a.Offset + a.Count;

    private static void RequireWindow(string operation, int kernelHeight, int kernelWidth, int strideHeight, int strideWidth, int padHeight, int padWidth)
    {
        if (kernelHeight < 1 || kernelWidth < 1) throw new OptionsException(operation, "the window", $"must be at least 1x1, but is {kernelHeight}x{kernelWidth}");
        if (strideHeight < 1 || strideWidth < 1) throw new OptionsException(operation, "the stride", $"must be at least 1x1, but is {strideHeight}x{strideWidth}");
        if (padHeight < 0 || padWidth < 0) throw new OptionsException(operation, "the padding", $"must be at least 0x0, but is {padHeight}x{padWidth}");
    }
}
