namespace IlgpuSpp.Models;

/// <summary>Makes the layers of one Caffe layer over one input, and remembers their weights.</summary>
internal sealed class CaffeLayerFactory(CaffeWeightList weights)
{
    public const string KnownTypes = "Convolution, Pooling, LRN, ReLU, PReLU, Sigmoid, Dropout, InnerProduct, Concat, Eltwise (SUM), BatchNorm, Scale, Softmax, SPP, Flatten, Split, Input and the data, loss and accuracy layers";

    private readonly HashSet<string> _names = new(StringComparer.Ordinal);

    /// <summary>The layers, none for a layer that changes nothing.</summary>
    /// <exception cref="ModelFormatException">The layer cannot be imported, or its weights do not fit.</exception>
    public IReadOnlyList<Layer> Create(CaffeLayer layer, ImportNode input) => layer.Type switch
    {
        "Convolution" => [Named(layer, Convolution(layer, input.Shape))],
        "Pooling" => [Named(layer, Pooling(layer, input))],
        "LRN" => [Named(layer, Lrn(layer))],
        "ReLU" => [Named(layer, Rectifier(layer))],
        "PReLU" => [Named(layer, Parametric(layer, input.Shape))],
        "Sigmoid" => [Named(layer, new Sigmoid())],
        "Dropout" => [Named(layer, DropoutOf(layer))],
        "InnerProduct" => InnerProduct(layer, input),
        "BatchNorm" => [Named(layer, Normalisation(layer, null, input.Shape))],
        "Scale" => [Named(layer, ScaleOf(layer, input))],
        "SPP" => [Named(layer, new SpatialPyramidPool(CaffePyramid.OfSppLayer(layer, Map(layer, input.Shape))))],
        "Flatten" => Flattened(layer, input),
        "Split" or "Softmax" => [],
        _ => throw layer.Error($"layers of type {layer.WrittenType} cannot be imported; these can: {KnownTypes}"),
    };

    /// <summary>A batch normalisation with the factor and shift of the Scale layer behind it.</summary>
    public BatchNorm Normalisation(CaffeLayer layer, CaffeLayer? scale, Shape input)
    {
        PrototxtMessage options = layer.Message.Message("batch_norm_param");
        float epsilon = options.Number("eps", 1e-5f);
        if (!(epsilon > 0)) throw layer.Error("eps must be above 0");
        var norm = new BatchNorm(input.Channels, epsilon: epsilon) { Name = scale is null ? "" : Name(layer.Name) };
        IReadOnlyList<CaffeBlob> blobs = weights.Of(layer, "mean", "variance", "factor");
        weights.RequireShape(layer, "mean", blobs[0], norm.RunningMean.Shape);
        weights.RequireShape(layer, "variance", blobs[1], norm.RunningVariance.Shape);
        weights.RequireShape(layer, "factor", blobs[2], new Shape(1));
        // Caffe stores sums of statistics and how much they add up to.
        float factor = blobs[2].Values[0] == 0 ? 0 : 1 / blobs[2].Values[0];
        weights.Assign(norm.RunningMean, Multiplied(blobs[0].Values, factor));
        weights.Assign(norm.RunningVariance, Multiplied(blobs[1].Values, factor));
        if (scale is not null) AssignScale(scale, norm.Gamma, norm.Beta);
        return norm;
    }

    public string Name(string wanted)
    {
        string plain = wanted.Replace('.', '_'), name = plain;
        for (int i = 2; !_names.Add(name); i++) name = FormattableString.Invariant($"{plain}_{i}");
        return name;
    }

    private Layer Named(CaffeLayer layer, Layer made)
    {
        if (made.Name.Length == 0) made.Name = Name(layer.Name);
        return made;
    }

    private Layer Convolution(CaffeLayer layer, Shape input)
    {
        PrototxtMessage options = layer.Message.Message("convolution_param");
        int outputs = options.Whole("num_output", 0, 1);
        if (outputs == 0) throw layer.Error("convolution_param has no num_output");
        if (options.Wholes("dilation").Any(dilation => dilation != 1)) throw layer.Error("dilated convolutions cannot be imported");
        RequireChannelAxis(layer, options);
        (int kernelHeight, int kernelWidth) = Pair(layer, options, "kernel_size", "kernel_h", "kernel_w", 0, 1);
        (int strideHeight, int strideWidth) = Pair(layer, options, "stride", "stride_h", "stride_w", 1, 1);
        (int padHeight, int padWidth) = Pair(layer, options, "pad", "pad_h", "pad_w", 0, 0);
        bool bias = options.Flag("bias_term", true);
        if (input.Rank == 2)
        {
            // Behind global pooling a map of one element is a row, and a convolution over it a product.
            if ((kernelHeight, kernelWidth, padHeight, padWidth, options.Whole("group", 1, 1)) != (1, 1, 0, 0, 1))
                throw layer.Error("over single values, as global pooling gives them, only convolutions of 1x1 without padding and groups can be imported");
            var linear = new Linear(input.Channels, outputs, bias);
            IReadOnlyList<CaffeBlob> blobs = bias ? weights.Of(layer, "weights", "biases") : weights.Of(layer, "weights");
            weights.RequireShape(layer, "weights", blobs[0], new Shape(outputs, input.Channels, 1, 1));
            weights.Assign(linear.Weight, blobs[0].Values);
            if (bias) weights.Assign(layer, "biases", blobs[1], linear.Bias!);
            return linear;
        }
        var conv = new Conv2d(input.Channels, outputs, new ConvGeometry(kernelHeight, kernelWidth, strideHeight, strideWidth, padHeight, padWidth, options.Whole("group", 1, 1)), bias);
        AssignWeights(layer, conv.Weight, conv.Bias);
        return conv;
    }

    private static Layer Pooling(CaffeLayer layer, ImportNode input)
    {
        Map(layer, input.Shape);
        PrototxtMessage options = layer.Message.Message("pooling_param");
        if (options.Has("spatial_bin"))
            throw layer.Error("it pools into spatial bins (spatial_bin), whose windows only the program that wrote it knows; write it as poolings with kernel_size and stride, one a level, as the released Zeiler_conv5.prototxt does");
        string method = options.Text("pool") ?? "MAX";
        bool average = method switch
        {
            "MAX" or "0" => false,
            "AVE" or "1" => true,
            _ => throw layer.Error($"{method} pooling cannot be imported; MAX and AVE can"),
        };
        if (options.Flag("global_pooling", false)) return average ? new GlobalAveragePool() : new SpatialPyramidPool(1);
        (int kernelHeight, int kernelWidth) = Pair(layer, options, "kernel_size", "kernel_h", "kernel_w", 0, 1);
        (int strideHeight, int strideWidth) = Pair(layer, options, "stride", "stride_h", "stride_w", 1, 1);
        (int padHeight, int padWidth) = Pair(layer, options, "pad", "pad_h", "pad_w", 0, 0);
        if (padHeight >= kernelHeight || padWidth >= kernelWidth) throw layer.Error("the padding must be less than the window");
        PoolRounding rounding = options.Text("round_mode") is "FLOOR" or "1" || !options.Flag("ceil_mode", true) ? PoolRounding.Floor : PoolRounding.Ceil;
        var geometry = new PoolGeometry(kernelHeight, kernelWidth, strideHeight, strideWidth, padHeight, padWidth, rounding);
        return average ? new AveragePool2d(geometry, AveragePoolDivisor.Padded) : new MaxPool2d(geometry);
    }

    private static LocalResponseNorm Lrn(CaffeLayer layer)
    {
        PrototxtMessage options = layer.Message.Message("lrn_param");
        int size = options.Whole("local_size", 5, 1);
        if (size % 2 == 0) throw layer.Error($"local_size must be odd, not {size}");
        LrnRegion region = options.Text("norm_region") switch
        {
            null or "ACROSS_CHANNELS" or "0" => LrnRegion.AcrossChannels,
            "WITHIN_CHANNEL" or "1" => LrnRegion.WithinChannel,
            var other => throw layer.Error($"norm_region must be ACROSS_CHANNELS or WITHIN_CHANNEL, not {other}"),
        };
        // Within channels Caffe adds 1 whatever k says.
        float k = region == LrnRegion.WithinChannel ? 1 : options.Number("k", 1);
        return new LocalResponseNorm(new LrnGeometry(region, size, options.Number("alpha", 1), options.Number("beta", 0.75f), k));
    }

    private static ActivationLayer Rectifier(CaffeLayer layer)
    {
        float slope = layer.Message.Message("relu_param").Number("negative_slope", 0);
        if (slope == 0) return new Relu();
        return slope is > 0 and < 1 ? new LeakyRelu(slope) : throw layer.Error(FormattableString.Invariant($"negative_slope must be at least 0 and below 1, not {slope}"));
    }

    private PRelu Parametric(CaffeLayer layer, Shape input)
    {
        var made = new PRelu(input.Channels);
        CaffeBlob slopes = weights.Of(layer, "slopes")[0];
        if (layer.Message.Message("prelu_param").Flag("channel_shared", false))
        {
            weights.RequireShape(layer, "slopes", slopes, new Shape(1));
            weights.Assign(made.Slope, [.. Enumerable.Repeat(slopes.Values[0], input.Channels)]);
        }
        else
        {
            weights.Assign(layer, "slopes", slopes, made.Slope);
        }
        return made;
    }

    private static Dropout DropoutOf(CaffeLayer layer)
    {
        PrototxtMessage options = layer.Message.Message("dropout_param");
        if (!options.Flag("scale_train", true))
            throw layer.Error("scale_train: false multiplies in the test phase, which this program's dropout does not; scale the next layer's weights by 1 − dropout_ratio and remove the line");
        float rate = options.Number("dropout_ratio", 0.5f);
        return rate is >= 0 and < 1 ? new Dropout(rate) : throw layer.Error("dropout_ratio must be at least 0 and below 1");
    }

    private IReadOnlyList<Layer> InnerProduct(CaffeLayer layer, ImportNode input)
    {
        PrototxtMessage options = layer.Message.Message("inner_product_param");
        int outputs = options.Whole("num_output", 0, 1);
        if (outputs == 0) throw layer.Error("inner_product_param has no num_output");
        if (options.Flag("transpose", false)) throw layer.Error("transposed weights cannot be imported");
        RequireChannelAxis(layer, options);
        var linear = new Linear(input.Shape.RowLength, outputs, options.Flag("bias_term", true)) { Name = Name(layer.Name) };
        AssignWeights(layer, linear.Weight, linear.Bias);
        return [.. Flattened(layer, input), linear];
    }

    private IReadOnlyList<Layer> Flattened(CaffeLayer layer, ImportNode input)
    {
        if (layer.Type == "Flatten") RequireChannelAxis(layer, layer.Message.Message("flatten_param"));
        if (!input.IsMap) return [];
        if (input.Shape.Height != input.Shape.Width || input.Shape.Height > Pyramid.MaxLevel)
            throw layer.Error($"it flattens a map of {input.Shape.Height}x{input.Shape.Width}; only square maps of up to {Pyramid.MaxLevel}x{Pyramid.MaxLevel} can be imported");
        return [new GridFlatten(input.Shape.Height) { Name = Name(layer.Type == "Flatten" ? layer.Name : "flatten_" + layer.Name) }];
    }

    // A factor and a shift for each channel: the norm in front takes them up, otherwise a 1x1 convolution of single channels does.
    private Conv2d ScaleOf(CaffeLayer layer, ImportNode input)
    {
        if (layer.Bottoms.Count != 1) throw layer.Error("a Scale layer with a second input cannot be imported");
        RequireChannelAxis(layer, layer.Message.Message("scale_param"));
        if (layer.Message.Message("scale_param").Whole("num_axes", 1, -1) != 1) throw layer.Error("num_axes must be 1");
        bool bias = layer.Message.Message("scale_param").Flag("bias_term", false);
        int channels = Map(layer, input.Shape).Channels;
        var conv = new Conv2d(channels, channels, ConvGeometry.Square(1, groups: channels), bias);
        IReadOnlyList<CaffeBlob> blobs = bias ? weights.Of(layer, "factors", "shifts") : weights.Of(layer, "factors");
        weights.RequireShape(layer, "factors", blobs[0], new Shape(channels));
        weights.Assign(conv.Weight, blobs[0].Values);
        if (bias) weights.Assign(layer, "shifts", blobs[1], conv.Bias!);
        return conv;
    }

    private void AssignScale(CaffeLayer scale, Parameter gamma, Parameter beta)
    {
        PrototxtMessage options = scale.Message.Message("scale_param");
        RequireChannelAxis(scale, options);
        bool bias = options.Flag("bias_term", false);
        IReadOnlyList<CaffeBlob> blobs = bias ? weights.Of(scale, "factors", "shifts") : weights.Of(scale, "factors");
        weights.Assign(scale, "factors", blobs[0], gamma);
        if (bias) weights.Assign(scale, "shifts", blobs[1], beta);
    }

    private void AssignWeights(CaffeLayer layer, Parameter weight, Parameter? bias)
    {
        IReadOnlyList<CaffeBlob> blobs = bias is null ? weights.Of(layer, "weights") : weights.Of(layer, "weights", "biases");
        weights.Assign(layer, "weights", blobs[0], weight);
        if (bias is not null) weights.Assign(layer, "biases", blobs[1], bias);
    }

    private static Shape Map(CaffeLayer layer, Shape input) => input.Rank == 4 ? input : throw layer.Error("it needs a feature map, but what it reads is flattened or pooled to single values already");

    private static void RequireChannelAxis(CaffeLayer layer, PrototxtMessage options)
    {
        if (options.Whole("axis", 1, -4, 4) is not (1 or -3)) throw layer.Error("only axis 1 can be imported");
    }

    private static (int Height, int Width) Pair(CaffeLayer layer, PrototxtMessage options, string both, string height, string width, int otherwise, int least)
    {
        if (options.Has(height) || options.Has(width)) return (options.Whole(height, otherwise, least), options.Whole(width, otherwise, least));
        return options.Wholes(both, least) switch
        {
            [] when otherwise < least => throw layer.Error($"it has no {both}"),
            [] => (otherwise, otherwise),
            [var side] => (side, side),
            [var rows, var columns] => (rows, columns),
            var many => throw layer.Error($"{both} is given {many.Length} times"),
        };
    }

    private static float[] Multiplied(float[] values, float factor) => [.. values.Select(value => value * factor)];
}
