namespace IlgpuSpp.Models;

/// <summary>
/// The networks of the zoo that are not the paper's. A new one is a method and a line in <see cref="Entries"/>.
/// </summary>
internal static class OtherNetworks
{
    private static readonly int[][] VggBlocks = [[64, 64], [128, 128], [256, 256, 256], [512, 512, 512], [512, 512, 512]];

    public static IReadOnlyList<ZooEntry> Entries { get; } =
    [
        new("spp-small", "four convolutions and one hidden layer, for images of 48 to 128 pixels", 96, 112, SppSmall),
        new("vgg16", "VGG-16 with a pyramid head", 224, 256, Vgg16),
        new("resnet18", "ResNet-18 with a pyramid head", 224, 256, ResNet18),
    ];

    /// <summary>
    /// spp-small: four convolutions of 32 to 128 channels with batch normalisation, a pyramid and one hidden layer of 256
    /// units, for images of 48 to 128 pixels; it trains in minutes on a CPU. The map is an eighth of the image.
    /// </summary>
    private static Sequential SppSmall(ModelOptions options)
    {
        Sequential network = new NetworkBuilder(options)
            .ConvBatchNorm("conv1", 32, 5, stride: 2, pad: 2)
            .MaxPool("pool1", 2, 2)
            .ConvBatchNorm("conv2", 64, 3, pad: 1)
            .MaxPool("pool2", 2, 2)
            .ConvBatchNorm("conv3", 128, 3, pad: 1)
            .ConvBatchNorm("conv4", 128, 3, pad: 1)
            .PyramidOrGrid(options, 6, 2, 2)
            .HiddenBatchNorm("fc5", 256, options.Dropout ?? 0.3f)
            .Scores("fc6", options.Classes);
        // Batch normalisation undoes the weights' scale, but a step of the same length turns shorter weights further: started as
        // short as PyTorch's, the network learns more from few photographs (docs/results.md).
        foreach (Parameter parameter in network.SelfAndDescendants().SelectMany(layer => layer.Parameters))
            if (parameter.Initialiser == Initialiser.He) parameter.Initialiser = Initialiser.Torch;
        return network;
    }

    /// <summary>
    /// VGG-16 (Simonyan and Zisserman, configuration D) with the last pooling replaced by a pyramid, or as published
    /// where no pyramid is asked for (224x224 only).
    /// </summary>
    private static Sequential Vgg16(ModelOptions options)
    {
        var builder = new NetworkBuilder(options);
        for (int block = 0; block < VggBlocks.Length; block++)
        {
            for (int i = 0; i < VggBlocks[block].Length; i++)
                builder.Conv($"conv{block + 1}_{i + 1}", VggBlocks[block][i], 3, pad: 1);
            if (block < VggBlocks.Length - 1) builder.MaxPool($"pool{block + 1}", 2, 2, PoolRounding.Floor);
        }
        return builder
            .PyramidOrGrid(options, 7, 2, 2)
            .Hidden("fc6", 4096, options.Dropout ?? 0.5f)
            .Hidden("fc7", 4096, options.Dropout ?? 0.5f)
            .Scores("fc8", options.Classes);
    }

    /// <summary>
    /// ResNet-18 (He et al., "Deep residual learning", Table 1) with a pyramid in the place of the global average pooling;
    /// without a pyramid as published. Both take images of any size.
    /// </summary>
    private static Sequential ResNet18(ModelOptions options)
    {
        NetworkBuilder builder = new NetworkBuilder(options)
            .ConvBatchNorm("conv1", 64, 7, stride: 2, pad: 3)
            .MaxPool("maxpool", 3, 2, PoolRounding.Floor, pad: 1);
        int channels = builder.Wide(64);
        for (int stage = 1; stage <= 4; stage++)
        {
            int width = builder.Wide(64 << (stage - 1));
            for (int block = 0; block < 2; block++)
            {
                builder.Add(ResidualBlock($"layer{stage}_{block}", channels, width, stride: stage > 1 && block == 0 ? 2 : 1));
                channels = width;
            }
        }
        builder.Channels(channels);
        if (options.Pyramid.Length > 0) builder.PyramidOrGrid(options, 0, 0, 0);
        else builder.Add(new GlobalAveragePool { Name = "avgpool" }).Features(channels);
        if (options.Dropout is { } rate) builder.Add(new Dropout(rate) { Name = "drop" });
        return builder.Scores("fc", options.Classes);
    }

    private static Residual ResidualBlock(string name, int inChannels, int outChannels, int stride)
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
