namespace IlgpuSpp.Models;

/// <summary>Makes the layers of single ONNX operators, and keeps their weights.</summary>
/// <param name="weights">Receives the weights.</param>
/// <param name="oneSize">Whether the file is for images of one size.</param>
internal sealed class OnnxLayerFactory(ParameterValues weights, bool oneSize)
{
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);

    /// <summary>A name for a layer that no other has, from the node's own: without the points that part the names of containers.</summary>
    public string Name(OnnxOperation node)
    {
        string plain = node.Label.Trim('/').Replace('.', '_').Replace('/', '_'), name = plain;
        for (int i = 2; !_names.Add(name); i++) name = FormattableString.Invariant($"{plain}_{i}");
        return name;
    }

    public Conv2d Convolution(OnnxOperation node, OnnxFlow input, OnnxArray weight, OnnxArray? bias)
    {
        float[] values = weight.Floats ?? throw node.Error("its weights are not numbers with a fraction");
        if (weight.Extents is not [> 0 and < LayerDescription.LargestExtent, > 0, > 0 and <= ushort.MaxValue, > 0 and <= ushort.MaxValue]) throw node.Error($"its weights have shape [{string.Join(", ", weight.Extents)}]; only convolutions of images can be imported");
        int outputs = (int)weight.Extents[0], height = (int)weight.Extents[2], width = (int)weight.Extents[3];
        if (node.Sides("kernel_shape", 2, 1) is { } kernel && (kernel[0], kernel[1]) != (height, width)) throw node.Error($"its kernel_shape is {kernel[0]}x{kernel[1]}, but its weights are for {height}x{width}");
        if (node.Sides("dilations", 2, 1) is { } dilations && ((dilations[0] != 1 && height > 1) || (dilations[1] != 1 && width > 1))) throw node.Error($"a dilation of {dilations[0]}x{dilations[1]} cannot be imported; this engine's convolutions have none");
        int[] strides = node.Sides("strides", 2, 1) ?? [1, 1];
        long groups = node.Whole("group", 1);
        Shape map = Map(node, input).Shape;
        if (groups < 1 || groups > map.Channels || weight.Extents[1] * groups != map.Channels)
            throw node.Error($"its weights of shape [{string.Join(", ", weight.Extents)}] in {groups} groups do not fit the {map.Channels} channels that it reads");
        (int top, int left, int bottom, int right) = Pads(node, map, height, width, strides);
        if (input.PaddingValue != 0) throw node.Error($"what it reads is padded with {input.PaddingValue}; only zeros can be imported");
        var conv = new Conv2d(map.Channels, outputs,
            new ConvGeometry(height, width, strides[0], strides[1], top + input.Padding.Top, left + input.Padding.Left, (int)groups) { PadBottom = bottom + input.Padding.Bottom, PadRight = right + input.Padding.Right },
            bias: bias is not null) { Name = Name(node) };
        weights[conv.Weight] = values;
        if (bias is not null) weights[conv.Bias!] = Vector(node, bias, outputs, "bias");
        return conv;
    }

    /// <summary>A fully connected layer.</summary>
    /// <param name="node">The node.</param>
    /// <param name="input">Rows, or a map of one element.</param>
    /// <param name="weight">The weights.</param>
    /// <param name="byOutput">Whether they lie as <c>[out, in]</c>.</param>
    /// <param name="factor">What they are multiplied by.</param>
    public Linear FullyConnected(OnnxOperation node, OnnxFlow input, OnnxArray weight, bool byOutput, float factor)
    {
        float[] values = weight.Floats ?? throw node.Error("its weights are not numbers with a fraction");
        if (weight.Extents is not [> 0 and <= LayerDescription.LargestFeatures, > 0 and <= LayerDescription.LargestFeatures]) throw node.Error($"its weights have shape [{string.Join(", ", weight.Extents)}] instead of two extents");
        int outputs = (int)weight.Extents[byOutput ? 0 : 1], inputs = (int)weight.Extents[byOutput ? 1 : 0];
        if (input.Node.Shape.RowLength != inputs) throw node.Error($"its weights are for rows of {inputs} values, but it reads {input.Node.Shape.RowLength}");
        var layer = new Linear(inputs, outputs, bias: false) { Name = Name(node) };
        var ordered = new float[values.Length];
        for (int i = 0; i < inputs; i++)
        {
            int place = input.FlattenedByChannel is { } map ? ByRow(i, map) : i;
            for (int o = 0; o < outputs; o++) ordered[o * inputs + place] = factor * values[byOutput ? o * inputs + i : i * outputs + o];
        }
        weights[layer.Weight] = ordered;
        return layer;
    }

    /// <summary>The same layer with a bias; one that cannot take it gives null.</summary>
    public Layer? WithBias(Layer layer, float[] bias)
    {
        switch (layer)
        {
            case Linear { Bias: null } linear:
                var row = new Linear(linear.InFeatures, linear.OutFeatures) { Name = linear.Name };
                (weights[row.Weight], weights[row.Bias!]) = (weights[linear.Weight], bias);
                return row;
            case Conv2d { Bias: null } conv:
                var map = new Conv2d(conv.InChannels, conv.OutChannels, conv.Geometry) { Name = conv.Name };
                (weights[map.Weight], weights[map.Bias!]) = (weights[conv.Weight], bias);
                return map;
            case BatchNorm norm when weights[norm.Beta].All(value => value == 0) && weights[norm.RunningMean].All(value => value == 0):
                var shifted = new BatchNorm((int)norm.Gamma.Shape.Count, norm.Momentum, norm.Epsilon) { Name = norm.Name };
                for (int i = 0; i < norm.Parameters.Count; i++) weights[shifted.Parameters[i]] = weights[norm.Parameters[i]];
                weights[shifted.Beta] = bias;
                return shifted;
            default:
                return null;
        }
    }

    public BatchNorm Normalisation(OnnxOperation node, OnnxFlow input, IReadOnlyList<OnnxArray> arrays)
    {
        if (node.Whole("spatial", 1) != 1) throw node.Error("spatial: 0 cannot be imported");
        if (node.Whole("training_mode", 0) != 0) throw node.Error("it normalises by the batch (training_mode); export the network for inference");
        float epsilon = node.Number("epsilon", 1e-5f), momentum = 1 - node.Number("momentum", 0.9f);
        if (!(epsilon > 0)) throw node.Error("epsilon must be above 0");
        // Older files name 0 or 1 where nothing was trained on.
        var norm = new BatchNorm(input.Channels, momentum is > 0 and <= 1 ? momentum : 0.1f, epsilon) { Name = Name(node) };
        for (int i = 0; i < arrays.Count; i++) weights[norm.Parameters[i]] = Vector(node, arrays[i], input.Channels, norm.Parameters[i].Name);
        return norm;
    }

    /// <summary>A convolution that computes what one and the batch normalisation behind it do.</summary>
    public Conv2d Folded(Conv2d conv, BatchNorm norm)
    {
        var folded = new Conv2d(conv.InChannels, conv.OutChannels, conv.Geometry) { Name = conv.Name };
        float[] weight = [.. weights[conv.Weight]], bias = new float[conv.OutChannels];
        float[] gamma = weights[norm.Gamma], beta = weights[norm.Beta], mean = weights[norm.RunningMean], variance = weights[norm.RunningVariance];
        float[]? before = conv.Bias is null ? null : weights[conv.Bias];
        int length = weight.Length / conv.OutChannels;
        for (int o = 0; o < bias.Length; o++)
        {
            double scale = gamma[o] / Math.Sqrt((double)variance[o] + norm.Epsilon);
            bias[o] = (float)(beta[o] + scale * ((before?[o] ?? 0) - mean[o]));
            for (int i = o * length; i < (o + 1) * length; i++) weight[i] = (float)(weight[i] * scale);
        }
        (weights[folded.Weight], weights[folded.Bias!]) = (weight, bias);
        return folded;
    }

    /// <summary>A factor and a shift for every channel: of maps by a convolution of single elements, of rows by a normalisation with mean 0 and variance 1.</summary>
    public Layer Affine(OnnxOperation node, OnnxFlow input, float[] factor, float[]? shift)
    {
        int channels = input.Channels;
        if (input.IsMap)
        {
            var conv = new Conv2d(channels, channels, ConvGeometry.Square(1, groups: channels), bias: shift is not null) { Name = Name(node) };
            weights[conv.Weight] = factor;
            if (shift is not null) weights[conv.Bias!] = shift;
            return conv;
        }
        var norm = new BatchNorm(channels) { Name = Name(node) };
        weights[norm.Gamma] = factor;
        weights[norm.Beta] = shift ?? new float[channels];
        weights[norm.RunningMean] = new float[channels];
        weights[norm.RunningVariance] = [.. Enumerable.Repeat(1 - norm.Epsilon, channels)];
        return norm;
    }

    public PRelu Parametric(OnnxOperation node, OnnxFlow input, OnnxArray slopes)
    {
        var layer = new PRelu(input.Channels) { Name = Name(node) };
        weights[layer.Slope] = Vector(node, slopes, input.Channels, "slope");
        return layer;
    }

    /// <summary>A max pooling, or null where its windows see every element alone.</summary>
    public MaxPool2d Maximum(OnnxOperation node, OnnxFlow input)
    {
        (PoolGeometry windows, _) = Windows(node, input);
        if (input.Padding != default)
        {
            // A padding that can never win is no other than the pooling's own.
            bool never = float.IsNegativeInfinity(input.PaddingValue) || input.PaddingValue <= -1e30f || (input.PaddingValue == 0 && input.Node.Layers is [.., Relu or Relu6 or Sigmoid or HardSigmoid]);
            if (!never) throw node.Error($"what it reads is padded with {input.PaddingValue}, which could be the largest value; only padding that never is can be imported");
            windows = Padded(windows, input.Padding);
        }
        return new MaxPool2d(Checked(node, windows)) { Name = Name(node) };
    }

    public AveragePool2d Average(OnnxOperation node, OnnxFlow input)
    {
        (PoolGeometry windows, bool counted) = Windows(node, input);
        if (input.Padding == default) return new AveragePool2d(Checked(node, windows), counted ? AveragePoolDivisor.Padded : AveragePoolDivisor.Valid) { Name = Name(node) };
        if (input.PaddingValue != 0) throw node.Error($"what it reads is padded with {input.PaddingValue}; only zeros can be imported");
        // The zeros of a node of their own count. Padding at the end that does not count lets the last windows reach past them, as rounding up does.
        PoolGeometry zeros = windows with { PadHeight = input.Padding.Top, PadWidth = input.Padding.Left, PadBottom = input.Padding.Bottom, PadRight = input.Padding.Right };
        if ((windows.PadHeight, windows.PadWidth) == (0, 0) && (counted || (windows.PadBottom, windows.PadRight) == (0, 0)))
            return new AveragePool2d(Checked(node, Padded(windows, input.Padding)), AveragePoolDivisor.Padded) { Name = Name(node) };
        PoolGeometry up = zeros with { Rounding = PoolRounding.Ceil };
        if (counted || (windows.PadHeight, windows.PadWidth) != (0, 0) || ShapeRules.Pool(input.Node.Shape, up) != ShapeRules.Pool(input.Node.Shape, Padded(windows, input.Padding)))
            throw node.Error("its padding and the zeros in front of it together cannot be imported");
        return new AveragePool2d(Checked(node, up), AveragePoolDivisor.Padded) { Name = Name(node) };
    }

    public LocalResponseNorm ResponseNorm(OnnxOperation node)
    {
        long size = node.Whole("size", 0);
        return size is > 0 and < ushort.MaxValue && size % 2 == 1
            ? new LocalResponseNorm(new LrnGeometry(LrnRegion.AcrossChannels, (int)size, node.Number("alpha", 1e-4f), node.Number("beta", 0.75f), node.Number("bias", 1))) { Name = Name(node) }
            : throw node.Error($"its size must be odd, not {size}");
    }

    /// <summary>One value for every channel, from a list or from a single number.</summary>
    public static float[] Vector(OnnxOperation node, OnnxArray array, int channels, string what)
    {
        float[] values = array.Floats ?? [.. array.Integers!.Select(value => (float)value)];
        if (values.Length == 1) return [.. Enumerable.Repeat(values[0], channels)];
        return values.Length == channels ? values : throw node.Error($"its {what} of shape [{string.Join(", ", array.Extents)}] does not fit {channels} channels");
    }

    public static ImportNode Map(OnnxOperation node, OnnxFlow input) => input is { IsMap: true, ChannelsLast: false }
        ? input.Node
        : throw node.Error("it needs a feature map, but what it reads is flattened, turned or pooled to single values already");

    private (PoolGeometry Windows, bool Counted) Windows(OnnxOperation node, OnnxFlow input)
    {
        Shape map = Map(node, input).Shape;
        int[] kernel = node.Sides("kernel_shape", 2, 1) ?? throw node.Error("it has no kernel_shape"), strides = node.Sides("strides", 2, 1) ?? [1, 1];
        if (node.Sides("dilations", 2, 1) is { } dilations && ((dilations[0] != 1 && kernel[0] > 1) || (dilations[1] != 1 && kernel[1] > 1))) throw node.Error($"a dilation of {dilations[0]}x{dilations[1]} cannot be imported; this engine's poolings have none");
        (int top, int left, int bottom, int right) = Pads(node, map, kernel[0], kernel[1], strides);
        var windows = new PoolGeometry(kernel[0], kernel[1], strides[0], strides[1], top, left, node.Whole("ceil_mode", 0) == 0 ? PoolRounding.Floor : PoolRounding.Ceil) { PadBottom = bottom, PadRight = right };
        return (windows, node.Whole("count_include_pad", 0) != 0);
    }

    private static PoolGeometry Padded(PoolGeometry windows, (int Top, int Left, int Bottom, int Right) more)
    {
        (int bottom, int right) = (windows.PadBottom + more.Bottom, windows.PadRight + more.Right);
        return windows with { PadHeight = windows.PadHeight + more.Top, PadWidth = windows.PadWidth + more.Left, PadBottom = bottom, PadRight = right };
    }

    private static PoolGeometry Checked(OnnxOperation node, PoolGeometry windows) =>
        Math.Max(windows.PadHeight, windows.PadBottom) < windows.KernelHeight && Math.Max(windows.PadWidth, windows.PadRight) < windows.KernelWidth
            ? windows
            : throw node.Error($"its padding is not less than its window of {windows.KernelHeight}x{windows.KernelWidth}");

    private (int Top, int Left, int Bottom, int Right) Pads(OnnxOperation node, Shape map, int kernelHeight, int kernelWidth, int[] strides)
    {
        string automatic = node.Text("auto_pad", "NOTSET");
        switch (automatic)
        {
            case "NOTSET" or "":
                int[] pads = node.Sides("pads", 4, 0) ?? [0, 0, 0, 0];
                return Balanced((pads[0], pads[1], pads[2], pads[3]));
            case "VALID":
                return default;
            case "SAME_UPPER" or "SAME_LOWER":
                int rows = Missing(map.Height, kernelHeight, strides[0]), columns = Missing(map.Width, kernelWidth, strides[1]);
                int top = automatic == "SAME_LOWER" ? (rows + 1) / 2 : rows / 2, left = automatic == "SAME_LOWER" ? (columns + 1) / 2 : columns / 2;
                return Balanced((top, left, rows - top, columns - left));
            default:
                throw node.Error($"auto_pad is {automatic}");
        }

        // A file for images of one size pads the end by no more than its windows reach there. As much as at the beginning is seen by no
        // window of that size either, and lets maps of odd sizes keep step in the branches of a residual block.
        (int Top, int Left, int Bottom, int Right) Balanced((int Top, int Left, int Bottom, int Right) pads)
        {
            if (!oneSize || node.Whole("ceil_mode", 0) != 0) return pads;
            bool rows = pads.Bottom < pads.Top && Same(map.Height, kernelHeight, strides[0], pads.Top, pads.Bottom), columns = pads.Right < pads.Left && Same(map.Width, kernelWidth, strides[1], pads.Left, pads.Right);
            return pads with { Bottom = rows ? pads.Top : pads.Bottom, Right = columns ? pads.Left : pads.Right };
        }

        static bool Same(int extent, int kernel, int stride, int before, int after) => ShapeRules.ConvExtent(extent, kernel, stride, before, after) == ShapeRules.ConvExtent(extent, kernel, stride, before, before);

        // So much that ⌈extent / stride⌉ windows fit.
        static int Missing(int extent, int kernel, int stride) => Math.Max(0, ((extent + stride - 1) / stride - 1) * stride + kernel - extent);
    }

    private static int ByRow(int index, Shape map)
    {
        int area = map.Height * map.Width, channel = index / area;
        return index % area * map.Channels + channel;
    }
}
