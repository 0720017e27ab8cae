namespace IlgpuSpp.Models;

/// <summary>Puts named layers together and keeps track of the channels.</summary>
internal sealed class NetworkBuilder
{
    private readonly List<Layer> _layers = [];
    private int _channels;
    private int _features;

    public NetworkBuilder(int channels = 3) => _channels = channels;

    /// <summary>A convolution with its ReLU. With a deviation the weights start normal and the biases at the given value, as in the paper's networks.</summary>
    public NetworkBuilder Conv(string name, int outChannels, int kernel, int stride = 1, int pad = 0, float? gaussian = null, float bias = 0)
    {
        var layer = new Conv2d(_channels, outChannels, kernel, stride, pad) { Name = name };
        if (gaussian is { } deviation) UseGaussian(layer.Weight, layer.Bias!, deviation, bias);
        _channels = outChannels;
        return Add(layer).Add(new Relu { Name = "relu_" + name });
    }

    public NetworkBuilder ConvBatchNorm(string name, int outChannels, int kernel, int stride = 1, int pad = 0)
    {
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
        var layer = new Linear(_features, outFeatures) { Name = name };
        if (gaussian is { } deviation) UseGaussian(layer.Weight, layer.Bias!, deviation, bias);
        _features = outFeatures;
        return Add(layer).Add(new Relu { Name = "relu_" + name }).Add(new Dropout(dropout) { Name = "drop_" + name });
    }

    public NetworkBuilder HiddenBatchNorm(string name, int outFeatures, float dropout)
    {
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

    // The released networks train biases at twice the rate of the weights.
    private static void UseGaussian(Parameter weight, Parameter bias, float deviation, float biasValue)
    {
        weight.Initialiser = new GaussianInitialiser(deviation);
        bias.Initialiser = new ConstantInitialiser(biasValue);
        bias.LearningRateMultiplier = 2;
    }
}
