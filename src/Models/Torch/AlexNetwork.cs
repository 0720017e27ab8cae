using IlgpuSpp.Engine;
using IlgpuSpp.Layers;

namespace IlgpuSpp.Models;

/// <summary>
/// AlexNet in the form of torchvision (Krizhevsky, "One weird trick for parallelizing convolutional neural networks"): no
/// groups, no response normalisation; 224 gives maps of 55, 27, 13.
/// </summary>
internal static class AlexNetwork
{
    public const int GridSide = 6;

    public static Layer Build(ModelOptions options) => new NetworkBuilder()
        .Conv("conv1", 64, 11, stride: 4, pad: 2)
        .MaxPool("pool1", 3, 2, PoolRounding.Floor)
        .Conv("conv2", 192, 5, pad: 2)
        .MaxPool("pool2", 3, 2, PoolRounding.Floor)
        .Conv("conv3", 384, 3, pad: 1)
        .Conv("conv4", 256, 3, pad: 1)
        .Conv("conv5", 256, 3, pad: 1)
        .PyramidOrGrid(options, GridSide, 3, 2)
        .Hidden("fc6", 4096, options.Dropout ?? 0.5f)
        .Hidden("fc7", 4096, options.Dropout ?? 0.5f)
        .Scores("fc8", options.Classes);
}
