namespace IlgpuSpp.Models;

/// <summary>Puts named layers together and keeps track of the channels.</summary>
internal sealed class NetworkBuilder
{
    private readonly List<Layer> _layers = [];
    private readonly double _width;
    private double _inputWidth = 1;
    private int _channels = 3;
    private int _features;

    public NetworkBuilder(ModelOptions options) => _width = options.Width;

    /// <summary>Channels or units as the network's width makes them.</summary>
    public int Wide(int count) => Math.Max(1, (int)Math.Floor(count * _width + 0.5));

    /// <summary>A convolution with its ReLU. With a deviation the weights start normal and the biases at the given value, as in the paper's networks.</summary>
    public NetworkBuilder Conv(string name, int outChannels, int kernel, int stride = 1, int pad = 0, float? gaussian = null, float bias = 0)
    {
        outChannels = Wide(outChannels);
        var layer = new Conv2d(_channels, outChannels, kernel, stride, pad) { Name = name };
        if (gaussian is { } deviation) UseGaussian(layer.Weight, layer.Bias!, deviation, bias);
        (_channels, _inputWidth) = (outChannels, _width);
        return Add(layer).Add(new Relu { Name = "relu_" + name });
    }

    public NetworkBuilder ConvBatchNorm(string name, int outChannels, int kernel, int stride = 1, int pad = 0)
    {
        outChannels = Wide(outChannels);
        Add(new Conv2d(_channels, outChannels, kernel, stride, pad, bias: false) { Name = name });
        _channels = outChannels;
        return Add(new BatchNorm(outChannels) { Name = "bn_" + name }).Add(new Relu { Name = "relu_" + name });
    }

    public NetworkBuilder MaxPool(string name, int kernel, int stride, PoolRounding rounding = PoolRounding.Ceil, int pad = 0) =>
        Add(new MaxPool2d(kernel, stride, pad, rounding) { Name = name });

    public NetworkBuilder Lrn(string name, LrnGeometry geometry) => Add(new LocalResponseNorm(geometry) { Name = name });

    public NetworkBuilder Add(Layer layer)
    {
        _layers.Add(layer);
        return this;
    }

    /// <summary>Makes a row of features from the map: the pyramid where there is one, else a fixed grid after a last pooling.</summary>
    public NetworkBuilder PyramidOrGrid(ModelOptions options, int gridSide, int gridKernel, int gridStride)
    {
        if (options.Pyramid.Length > 0)
        {
            var pyramid = new Pyramid(options.Pyramid.AsSpan(), options.PyramidRule);
            _features = ShapeRules.PyramidLength(pyramid, _channels);
            return Add(new SpatialPyramidPool(pyramid) { Name = "spp" });
        }
        _features = gridSide * gridSide * _channels;
        return MaxPool("pool_last", gridKernel, gridStride).Add(new GridFlatten(gridSide) { Name = "flatten" });
    }

    public NetworkBuilder Channels(int channels)
    {
        _channels = channels;
        return this;
    }

    public NetworkBuilder Features(int features)
    {
        _features = features;
        return this;
    }

    public NetworkBuilder Hidden(string name, int outFeatures, float dropout, float? gaussian = null, float bias = 0)
    {
        outFeatures = Wide(outFeatures);
        var layer = new Linear(_features, outFeatures) { Name = name };
        if (gaussian is { } deviation) UseGaussian(layer.Weight, layer.Bias!, deviation, bias);
        _features = outFeatures;
        return Add(layer).Add(new Relu { Name = "relu_" + name }).Add(new Dropout(dropout) { Name = "drop_" + name });
    }

    public NetworkBuilder HiddenBatchNorm(string name, int outFeatures, float dropout)
    {
        outFeatures = Wide(outFeatures);
        Add(new Linear(_features, outFeatures, bias: false) { Name = name });
        _features = outFeatures;
        return Add(new BatchNorm(outFeatures) { Name = "bn_" + name }).Add(new Relu { Name = "relu_" + name }).Add(new Dropout(dropout) { Name = "drop_" + name });
    }

    public Sequential Scores(string name, int classes, float? gaussian = null, float bias = 0)
    {
        var layer = new Linear(_features, classes) { Name = name };
        if (gaussian is { } deviation) UseGaussian(layer.Weight, layer.Bias!, deviation, bias);
        return new Sequential([.. _layers, layer]);
    }

    // The released networks train biases at twice the rate of the weights. With fewer inputs the weights start larger, so that a
    // layer's responses keep the size that they have at the published width.
    private void UseGaussian(Parameter weight, Parameter bias, float deviation, float biasValue)
    {
        weight.Initialiser = new GaussianInitialiser((float)(deviation / Math.Sqrt(_inputWidth)));
        bias.Initialiser = new ConstantInitialiser(biasValue);
        bias.LearningRateMultiplier = 2;
    }
}
