using IlgpuSpp.Engine;
using IlgpuSpp.Layers;

namespace IlgpuSpp.Models;

/// <summary>
/// ResNet-18 (He et al., "Deep residual learning", Table 1) with a pyramid in the place of the global average pooling;
/// without a pyramid as published. Both take images of any size.
/// </summary>
internal static class ResNetwork
{
    public static Layer Build(ModelOptions options)
    {
        NetworkBuilder builder = new NetworkBuilder()
            .ConvBatchNorm("conv1", 64, 7, stride: 2, pad: 3)
            .MaxPool("maxpool", 3, 2, PoolRounding.Floor, pad: 1);
        int channels = 64;
        for (int stage = 1; stage <= 4; stage++)
        {
            int width = 64 << (stage - 1);
            for (int block = 0; block < 2; block++)
            {
                builder.Add(Block($"layer{stage}_{block}", channels, width, stride: stage > 1 && block == 0 ? 2 : 1));
                channels = width;
            }
        }
        builder.Channels(channels);
        if (options.Pyramid.Length > 0) builder.PyramidOrGrid(options, 0, 0, 0);
        else builder.Add(new GlobalAveragePool { Name = "avgpool" }).Features(channels);
        if (options.Dropout is { } rate) builder.Add(new Dropout(rate) { Name = "drop" });
        return builder.Scores("fc", options.Classes);
    }

    private static Residual Block(string name, int inChannels, int outChannels, int stride)
    {
        var main = new Sequential(
            new Conv2d(inChannels, outChannels, 3, stride, 1, bias: false) { Name = "conv1" },
            new BatchNorm(outChannels) { Name = "bn1" },
            new Relu { Name = "relu" },
            new Conv2d(outChannels, outChannels, 3, 1, 1, bias: false) { Name = "conv2" },
            new BatchNorm(outChannels) { Name = "bn2" });
        Layer? shortcut = stride == 1 && inChannels == outChannels
            ? null
            : new Sequential(
                new Conv2d(inChannels, outChannels, 1, stride, bias: false) { Name = "conv" },
                new BatchNorm(outChannels) { Name = "bn" });
        return new Residual(main, shortcut, Activation.Relu) { Name = name };
    }
}
