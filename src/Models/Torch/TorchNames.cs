namespace IlgpuSpp.Models;

/// <summary>A network whose tensors' names in PyTorch are known.</summary>
/// <param name="Architecture">Its name here.</param>
/// <param name="GridSide">Side of the grid that its first fully connected layer reads; 0 where it reads an average.</param>
/// <param name="LastLayer">The layer of the class scores.</param>
/// <param name="Names">A layer's name here and in torchvision and, where it differs, in timm.</param>
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
        var names = new Dictionary<string, string[]> { ["conv1"] = ["conv1"], ["bn_conv1"] = ["bn1"], ["fc"] = ["fc"] };
        for (int stage = 1; stage <= 4; stage++)
            for (int block = 0; block < 2; block++)
            {
                string here = FormattableString.Invariant($"layer{stage}_{block}"), there = FormattableString.Invariant($"layer{stage}.{block}");
                foreach (string part in (string[])["conv1", "bn1", "conv2", "bn2"]) names[$"{here}.main.{part}"] = [$"{there}.{part}"];
                if (stage == 1 || block > 0) continue;
                names[$"{here}.shortcut.conv"] = [$"{there}.downsample.0"];
                names[$"{here}.shortcut.bn"] = [$"{there}.downsample.1"];
            }
        return new TorchNames("resnet18", 0, "fc", names);
    }
}
