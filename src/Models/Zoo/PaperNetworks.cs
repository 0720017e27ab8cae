namespace IlgpuSpp.Models;

/// <summary>
/// The four networks of the paper (its Table 1). Every convolution and hidden layer is followed by a ReLU; fc layers
/// have 4096 units and dropout 0.5. Where the paper leaves paddings open they are those that give its map sizes: all of them in
/// the variants named after the table; <c>zf5</c> is the release's, and the others round up as it does.
/// </summary>
internal static class PaperNetworks
{
    private const float Deviation = 0.01f;
    private const int HiddenUnits = 4096;

    // The released ZF-5 normalises within channels; for the others AlexNet's form is used, which the paper does not give.
    private static readonly LrnGeometry WithinChannel = new(LrnRegion.WithinChannel, 3, 5e-5f, 0.75f);
    private static readonly LrnGeometry AcrossChannels = new(LrnRegion.AcrossChannels, 5, 1e-4f, 0.75f);

    public static IReadOnlyList<ZooEntry> Entries { get; } =
    [
        new("zf5", "ZF-5 as released by the paper's authors", 224, 256, options => Zf5(options, table: false)),
        new("convnet5", "Convnet*-5 of the paper", 224, 256, Convnet5),
        new("overfeat5", "Overfeat-5 of the paper", 224, 256, options => Overfeat(options, 5)),
        new("overfeat7", "Overfeat-7 of the paper", 224, 256, options => Overfeat(options, 7)),
        new("zf5-table1", "ZF-5 with the maps of Table 1: conv2 with padding", 224, 256, options => Zf5(options, table: true)),
        new("overfeat5-table1", "Overfeat-5 with the maps of Table 1: 36 and 18 pixels", 224, 256, options => OverfeatOfTable1(options, 5)),
        new("overfeat7-table1", "Overfeat-7 with the maps of Table 1: 36 and 18 pixels", 224, 256, options => OverfeatOfTable1(options, 7)),
    ];

    /// <summary>ZF-5 exactly as released: conv1 pad 1, conv2 pad 0, pools rounded up; 224 gives maps of 110, 55, 26, 13. With conv2 pad 1 the third has the table's 27.</summary>
    private static Sequential Zf5(ModelOptions options, bool table) => Head(new NetworkBuilder(options)
        .Conv("conv1", 96, 7, stride: 2, pad: 1, Deviation)
        .Lrn("norm1", WithinChannel)
        .MaxPool("pool1", 3, 2)
        .Conv("conv2", 256, 5, stride: 2, pad: table ? 1 : 0, Deviation, bias: 1)
        .Lrn("norm2", WithinChannel)
        .MaxPool("pool2", 3, 2)
        .Conv("conv3", 384, 3, pad: 1, gaussian: Deviation)
        .Conv("conv4", 384, 3, pad: 1, gaussian: Deviation, bias: 1)
        .Conv("conv5", 256, 3, pad: 1, gaussian: Deviation, bias: 1)
        .PyramidOrGrid(options, 6, 3, 2), options, 6);

    /// <summary>Convnet*-5: AlexNet's layers with the pooling after conv1 moved behind conv3; 224 gives 55, 55, 27, 27, 13.</summary>
    private static Sequential Convnet5(ModelOptions options) => Head(new NetworkBuilder(options)
        .Conv("conv1", 96, 11, stride: 4, pad: 2, Deviation)
        .Lrn("norm1", AcrossChannels)
        .Conv("conv2", 256, 5, pad: 2, gaussian: Deviation, bias: 1)
        .Lrn("norm2", AcrossChannels)
        .MaxPool("pool2", 3, 2)
        .Conv("conv3", 384, 3, pad: 1, gaussian: Deviation)
        .MaxPool("pool3", 3, 2)
        .Conv("conv4", 384, 3, pad: 1, gaussian: Deviation, bias: 1)
        .Conv("conv5", 256, 3, pad: 1, gaussian: Deviation, bias: 1)
        .PyramidOrGrid(options, 6, 3, 2), options, 6);

    /// <summary>Overfeat-5 and Overfeat-7: 224 gives 109, 37, 35, 18 and five or seven convolutions in all.</summary>
    private static Sequential Overfeat(ModelOptions options, int convolutions) => Overfeat(options, convolutions, PoolRounding.Ceil, secondPad: 1);

    /// <summary>The same with pools rounded down and conv2 padded by 2: 109, 36, 36, 18.</summary>
    private static Sequential OverfeatOfTable1(ModelOptions options, int convolutions) => Overfeat(options, convolutions, PoolRounding.Floor, secondPad: 2);

    private static Sequential Overfeat(ModelOptions options, int convolutions, PoolRounding rounding, int secondPad)
    {
        NetworkBuilder builder = new NetworkBuilder(options)
            .Conv("conv1", 96, 7, stride: 2, pad: 0, Deviation)
            .MaxPool("pool1", 3, 3, rounding)
            .Lrn("norm1", AcrossChannels)
            .Conv("conv2", 256, 5, pad: secondPad, gaussian: Deviation, bias: 1)
            .MaxPool("pool2", 2, 2, rounding);
        for (int i = 3; i <= convolutions; i++)
            builder.Conv($"conv{i}", 512, 3, pad: 1, gaussian: Deviation, bias: i == 3 ? 0 : 1);
        return Head(builder.PyramidOrGrid(options, 6, 3, 3), options, convolutions + 1);
    }

    private static Sequential Head(NetworkBuilder builder, ModelOptions options, int firstNumber) => builder
        .Hidden($"fc{firstNumber}", HiddenUnits, options.Dropout ?? 0.5f, Deviation, bias: 1)
        .Hidden($"fc{firstNumber + 1}", HiddenUnits, options.Dropout ?? 0.5f, Deviation, bias: 1)
        .Scores($"fc{firstNumber + 2}", options.Classes, Deviation, bias: 1);
}
