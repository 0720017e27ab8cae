using IlgpuSpp.Layers;

namespace IlgpuSpp.Models;

/// <summary>The names of layer types in descriptions; part of the file format.</summary>
internal static class LayerTypes
{
    public const string Sequential = "sequential", Concat = "concat", Residual = "residual", Conv = "conv", Linear = "linear", BatchNorm = "batch_norm",
        Lrn = "lrn", Relu = "relu", LeakyRelu = "leaky_relu", Sigmoid = "sigmoid", PRelu = "prelu", MaxPool = "max_pool", AveragePool = "average_pool",
        GlobalAveragePool = "global_average_pool", Pyramid = "spatial_pyramid_pool", GridFlatten = "grid_flatten", Flatten = "flatten", Dropout = "dropout";

    public static string NameOf(Layer layer) => layer switch
    {
        Layers.Sequential => Sequential,
        Layers.Concat => Concat,
        Layers.Residual => Residual,
        Layers.Conv2d => Conv,
        Layers.Linear => Linear,
        Layers.BatchNorm => BatchNorm,
        Layers.LocalResponseNorm => Lrn,
        Layers.Relu => Relu,
        Layers.LeakyRelu => LeakyRelu,
        Layers.Sigmoid => Sigmoid,
        Layers.PRelu => PRelu,
        Layers.MaxPool2d => MaxPool,
        Layers.AveragePool2d => AveragePool,
        Layers.GlobalAveragePool => GlobalAveragePool,
        Layers.SpatialPyramidPool => Pyramid,
        Layers.GridFlatten => GridFlatten,
        Layers.Flatten => Flatten,
        Layers.Dropout => Dropout,
        _ => throw new NotSupportedException($"{layer.Name} is a {layer.GetType().Name}, a layer of your own, which a model file cannot describe; load such a network with ModelFile.LoadInto."),
    };
}
