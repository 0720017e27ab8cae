using System.Collections.Immutable;
using IlgpuSpp.Data;

namespace IlgpuSpp.Pretrained;

/// <summary>A network whose trained weights can be had by name: where they come from, and what they take.</summary>
/// <param name="Name">The name to ask for.</param>
/// <param name="Title">What it is, in one line.</param>
/// <param name="Package">The NuGet package that holds it.</param>
/// <param name="Version">The package's version.</param>
/// <param name="Licence">The package's licence.</param>
/// <param name="Bytes">Size of the package.</param>
/// <param name="Sha256">SHA-256 of the package, in hexadecimal.</param>
/// <param name="Network">The ONNX file inside the package.</param>
/// <param name="MeanFile">The ONNX file inside the package that holds the mean image; null where <paramref name="Preparation"/> says all.</param>
/// <param name="MeanConstant">The constant in it, <c>[1, 3, rows, columns]</c> in the order of the network's channels, 0 to 255.</param>
/// <param name="Preparation">How images are prepared; the mean image is added.</param>
/// <param name="InputSize">Side of the network's input in pixels.</param>
/// <param name="Layers">Names of the network's layers, in order, for those that its file gives.</param>
public sealed record PretrainedNetwork(
    string Name, string Title, string Package, string Version, string Licence, long Bytes, string Sha256,
    string Network, string? MeanFile, string? MeanConstant, InputPreparation Preparation, int InputSize, ImmutableArray<string> Layers)
{
    /// <summary>All networks.</summary>
    public static ImmutableArray<PretrainedNetwork> All { get; } =
    [
        new("resnet18-imagenet", "ResNet-18 with a third last block, trained on ImageNet; 512 features", "Microsoft.ML.DnnImageFeaturizer.ResNet18", "0.23.1", "MIT",
            59_500_419, "7679c0f8832902d64019b7c8f79784d02bcbbce008d22a5249bdef8e8f45cb73",
            "tools/DnnImageModels/ResNet18Onnx/ResNet18.onnx", "tools/DnnImageModels/ResNetPrepOnnx/ResNetPreprocess.onnx", "MeanImage",
            new InputPreparation { MinSide = 256, CropSize = 224, Normalisation = InputNormalisation.None with { ChannelOrder = ChannelOrder.Bgr } }, 224,
            ["conv1", "bn_conv1", "relu_conv1", "maxpool", "layer1_0", "layer1_1", "layer2_0", "layer2_1", "layer3_0", "layer3_1", "layer4_0", "layer4_1", "layer4_2", "avgpool"]),
    ];

    /// <summary>Finds a network.</summary>
    /// <param name="name">Its name, in any case.</param>
    /// <returns>The network, or null where none has that name.</returns>
    public static PretrainedNetwork? Find(string name) => All.FirstOrDefault(network => network.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
}
