namespace IlgpuSpp.Models;

/// <summary>A network whose tensors' names in PyTorch are known.</summary>
/// <param name="Architecture">Its name here.</param>
/// <param name="GridSide">Side of the grid that its first fully connected layer reads; 0 where it reads an average.</param>
/// <param name="LastLayer">The layer of the class scores.</param>
/// <param name="Names">A layer's name here, and its names there: in torchvision and, where they differ, in timm and Hugging Face's transformers. The first layer's come first.</param>
internal sealed record TorchNames(string Architecture, int GridSide, string LastLayer, IReadOnlyDictionary<string, string[]> Names)
{
    public static IReadOnlyList<TorchNames> All { get; } = [AlexNet(), Vgg16(), ResNet18()];

    /// <summary>Whether a layer belongs to the classifier behind the convolutions.</summary>
    public static bool IsHead(string layer) => layer.StartsWith("fc", StringComparison.Ordinal);

    private static TorchNames AlexNet() => new("alexnet", AlexNetwork.GridSide, "fc8", new Dictionary<string, string[]>
    {
        ["conv1"] = ["features.0"],
        ["conv2"] = ["features.3"],
        ["conv3"] = ["features.6"],
        ["conv4"] = ["features.8"],
        ["conv5"] = ["features.10"],
        ["fc6"] = ["classifier.1"],
        ["fc7"] = ["classifier.4"],
        ["fc8"] = ["classifier.6"],
    });

    private static TorchNames Vgg16()
    {
        var names = new Dictionary<string, string[]>
        {
            ["fc6"] = ["classifier.0", "pre_logits.fc1"],
            ["fc7"] = ["classifier.3", "pre_logits.fc2"],
            ["fc8"] = ["classifier.6", "head.fc"],
        };
        // Every convolution is followed by a ReLU, every block by a pooling; all of them are counted.
        int[] convolutions = [2, 2, 3, 3, 3];
        int index = 0;
        for (int block = 0; block < convolutions.Length; block++, index++)
            for (int i = 0; i < convolutions[block]; i++, index += 2)
                names[FormattableString.Invariant($"conv{block + 1}_{i + 1}")] = [FormattableString.Invariant($"features.{index}")];
        return new TorchNames("vgg16", 7, "fc8", names);
    }

    private static TorchNames ResNet18()
    {
        var names = new Dictionary<string, string[]>
        {
            ["conv1"] = ["conv1", "resnet.embedder.embedder.convolution", "embedder.embedder.convolution"],
            ["bn_conv1"] = ["bn1", "resnet.embedder.embedder.normalization", "embedder.embedder.normalization"],
            // A head with a dropout in front of it is numbered.
            ["fc"] = ["fc", "fc.1", "classifier.1"],
        };
        for (int stage = 1; stage <= 4; stage++)
            for (int block = 0; block < 2; block++)
            {
                string here = FormattableString.Invariant($"layer{stage}_{block}"), there = FormattableString.Invariant($"layer{stage}.{block}");
                string face = FormattableString.Invariant($"encoder.stages.{stage - 1}.layers.{block}");
                for (int i = 0; i < 2; i++)
                {
                    Add($"{here}.main.conv{i + 1}", $"{there}.conv{i + 1}", $"{face}.layer.{i}.convolution");
                    Add($"{here}.main.bn{i + 1}", $"{there}.bn{i + 1}", $"{face}.layer.{i}.normalization");
                }
                if (stage == 1 || block > 0) continue;
                Add($"{here}.shortcut.conv", $"{there}.downsample.0", $"{face}.shortcut.convolution");
                Add($"{here}.shortcut.bn", $"{there}.downsample.1", $"{face}.shortcut.normalization");
            }
        return new TorchNames("resnet18", 0, "fc", names);

        void Add(string here, string there, string face) => names[here] = [there, "resnet." + face, face];
    }
}

/// <summary>
/// AlexNet in the form of torchvision (Krizhevsky, "One weird trick for parallelizing convolutional neural networks"): no
/// groups, no response normalisation; 224 gives maps of 55, 27, 13.
/// </summary>
internal static class AlexNetwork
{
    public const int GridSide = 6;

    public static Layer Build(ModelOptions options) => new NetworkBuilder(options)
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
