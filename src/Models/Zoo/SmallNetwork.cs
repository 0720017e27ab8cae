using IlgpuSpp.Layers;

namespace IlgpuSpp.Models;

/// <summary>
/// spp-small: four convolutions of 32 to 128 channels with batch normalisation, a pyramid and one hidden layer of 256
/// units, for images of 48 to 128 pixels; it trains in minutes on a CPU. The map is an eighth of the image.
/// </summary>
internal static class SmallNetwork
{
    public static Layer Build(ModelOptions options) => new NetworkBuilder()
        .ConvBatchNorm("conv1", 32, 5, stride: 2, pad: 2)
        .MaxPool("pool1", 2, 2)
        .ConvBatchNorm("conv2", 64, 3, pad: 1)
        .MaxPool("pool2", 2, 2)
        .ConvBatchNorm("conv3", 128, 3, pad: 1)
        .ConvBatchNorm("conv4", 128, 3, pad: 1)
        .PyramidOrGrid(options, 6, 2, 2)
        .HiddenBatchNorm("fc5", 256, options.Dropout ?? 0.3f)
        .Scores("fc6", options.Classes);
}
