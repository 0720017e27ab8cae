using IlgpuSpp.Models.Tests.Caffe;

namespace IlgpuSpp.Models.Tests.Torch;

/// <summary>Tensors with the names and shapes of torchvision's published networks land in the right parameters.</summary>
public sealed class TorchImportTests() : NetworkFileTest(new CpuOptions { Threads = 1 })
{
    [Fact]
    public void ResNet18_TakesOverEveryTensor()
    {
        Dictionary<string, NamedTensor> tensors = Write(ResNet18(classes: 7), "resnet18.safetensors");
        using Model model = TorchImport.Read(_folder["resnet18.safetensors"], "resnet18", new TorchImportOptions(), _cpu);
        Assert.Equal((7, true), (model.Classes, model.TakesAnySize));
        Same("conv1.weight", "conv1.weight");
        Same("bn_conv1.running_var", "bn1.running_var");
        Same("layer1_0.main.conv2.weight", "layer1.0.conv2.weight");
        Same("layer3_0.shortcut.conv.weight", "layer3.0.downsample.0.weight");
        Same("layer3_0.shortcut.bn.bias", "layer3.0.downsample.1.bias");
        Same("layer4_1.main.bn2.running_mean", "layer4.1.bn2.running_mean");
        Same("fc.weight", "fc.weight");
        Same("fc.bias", "fc.bias");
        // All tensors begin with another value, so that as many values as the file has tensors means each in one place.
        Assert.Equal(tensors.Count, model.Network.Parameters.Select(parameter => parameter.Value.ToArray()[0]).Distinct().Count());

        void Same(string here, string there)
        {
            Parameter parameter = model.Network.Parameters.Single(p => p.FullName == here);
            Assert.Equal(tensors[there].Values.ToArray(), ModelFile.ToNamedTensor(parameter, parameter.Value.ToArray()).Values.ToArray());
        }
    }

    [Theory]
    [InlineData("_orig_mod.", "fc")]
    [InlineData("net.", "fc.1")]
    [InlineData("module.model.", "classifier.1")]
    public void WrappedNames_AreFoundByTheirEndings(string prefix, string head)
    {
        List<(string Name, int[] Shape)> plain = ResNet18(classes: 5);
        Dictionary<string, NamedTensor> tensors = Write([.. plain.Select(tensor => (prefix + (tensor.Name.StartsWith("fc.", StringComparison.Ordinal) ? head + tensor.Name[2..] : tensor.Name), tensor.Shape))], "wrapped.safetensors");
        using Model model = TorchImport.Read(_folder["wrapped.safetensors"], "resnet18", new TorchImportOptions(), _cpu);
        Assert.Equal(tensors.Count, model.Network.Parameters.Select(parameter => parameter.Value.ToArray()[0]).Distinct().Count());
        Parameter fc = model.Network.Parameters.Single(parameter => parameter.FullName == "fc.weight");
        Assert.Equal(tensors[$"{prefix}{head}.weight"].Values.ToArray(), fc.Value.ToArray());
    }

    [Theory]
    [InlineData("")]
    [InlineData("module.")]
    public void HuggingFaceNames_AreKnown(string prefix)
    {
        // transformers.ResNetForImageClassification: the body under resnet., the head beside it.
        Dictionary<string, NamedTensor> tensors = Write([.. ResNet18(classes: 5).Select(tensor => (prefix + HuggingFace(tensor.Name), tensor.Shape))], "face.safetensors");
        using Model model = TorchImport.Read(_folder["face.safetensors"], "resnet18", new TorchImportOptions(), _cpu);
        foreach ((string here, string there) in new[]
        {
            ("conv1.weight", "resnet.embedder.embedder.convolution.weight"),
            ("layer2_1.main.bn2.running_mean", "resnet.encoder.stages.1.layers.1.layer.1.normalization.running_mean"),
            ("layer4_0.shortcut.conv.weight", "resnet.encoder.stages.3.layers.0.shortcut.convolution.weight"),
            ("fc.bias", "classifier.1.bias"),
        })
        {
            Parameter parameter = model.Network.Parameters.Single(p => p.FullName == here);
            Assert.Equal(tensors[prefix + there].Values.ToArray(), ModelFile.ToNamedTensor(parameter, parameter.Value.ToArray()).Values.ToArray());
        }
        Assert.Equal(tensors.Count, model.Network.Parameters.Select(parameter => parameter.Value.ToArray()[0]).Distinct().Count());

        static string HuggingFace(string name)
        {
            string[] parts = name.Split('.');
            string last = parts[^1];
            if (parts[0] == "conv1") return "resnet.embedder.embedder.convolution." + last;
            if (parts[0] == "bn1") return "resnet.embedder.embedder.normalization." + last;
            if (parts[0] == "fc") return "classifier.1." + last;
            string layer = $"resnet.encoder.stages.{parts[0][5] - '1'}.layers.{parts[1]}.";
            return layer + parts[2] switch
            {
                "downsample" => parts[3] == "0" ? "shortcut.convolution." : "shortcut.normalization.",
                "conv1" => "layer.0.convolution.",
                "bn1" => "layer.0.normalization.",
                "conv2" => "layer.1.convolution.",
                _ => "layer.1.normalization.",
            } + last;
        }
    }

    [Theory]
    [InlineData(new byte[] { (byte)'P', (byte)'K', 3, 4, 0, 0, 8, 8, 0, 0 }, "PyTorch file")]
    [InlineData(new byte[] { 0x80, 2, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20 }, "PyTorch file")]
    [InlineData(new byte[] { 8, 7, 0x12, 7, (byte)'p', (byte)'y', (byte)'t', (byte)'o', (byte)'r', (byte)'c', (byte)'h' }, "ONNX file")]
    [InlineData(new byte[] { 0x89, (byte)'H', (byte)'D', (byte)'F', 13, 10, 26, 10, 0 }, "HDF5 file")]
    public void FilesOfOtherPrograms_AreNamed(byte[] content, string what)
    {
        _folder.Write("model", content);
        Assert.Contains(what, Assert.Throws<ModelFormatException>(() => TorchImport.Read(_folder["model"], "resnet18", new TorchImportOptions(), _cpu)).Message, StringComparison.Ordinal);
        Assert.Contains(what, Assert.Throws<ModelFormatException>(() => ModelFile.Load(_folder["model"], _cpu)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AnIndexOfShards_IsNamed()
    {
        File.WriteAllText(_folder["model.safetensors.index.json"], """{"metadata": {"total_size": 46}, "weight_map": {"conv1.weight": "model-00001-of-00002.safetensors"}}""");
        string message = Assert.Throws<ModelFormatException>(() => TorchImport.Read(_folder["model.safetensors.index.json"], "resnet18", new TorchImportOptions(), _cpu)).Message;
        Assert.Contains("index of weights that lie in several files", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("vgg16", "features.28.weight", "conv5_3.weight")]
    [InlineData("alexnet", "features.10.weight", "conv5.weight")]
    public void ConvolutionsWithANewHead_TakeAPyramid(string architecture, string there, string here)
    {
        Dictionary<string, NamedTensor> tensors = Write(architecture == "vgg16" ? Vgg16Features() : AlexNetFeatures(), "net.safetensors");
        var options = new TorchImportOptions { Pyramid = [1], NewHeadClasses = 3, ClassNames = ["a", "b", "c"] };
        using Model model = TorchImport.Read(_folder["net.safetensors"], architecture, options, _cpu);
        Parameter parameter = model.Network.Parameters.Single(p => p.FullName == here);
        Assert.Equal(tensors[there].Values.ToArray(), ModelFile.ToNamedTensor(parameter, parameter.Value.ToArray()).Values.ToArray());
        Assert.True(model.TakesAnySize);
        Assert.Equal(3, model.Classes);
        // Without the classifier's tensors the published network cannot be made.
        Assert.Contains("classifier.6.weight is missing", Assert.Throws<ModelFormatException>(() => TorchImport.Read(_folder["net.safetensors"], architecture, new TorchImportOptions(), _cpu)).Message, StringComparison.Ordinal);
    }

    // torchvision.models: alexnet 61,100,840 parameters.
    [Fact]
    public void AlexNet_HasItsPublishedNumberOfParameters()
    {
        Layer published = AlexNetwork.Build(new ModelOptions { Pyramid = [] });
        Assert.Equal(61_100_840, published.Summary(224, 224).Parameters);
        // A pyramid of its one grid reads the same number of features.
        Assert.Equal(61_100_840, AlexNetwork.Build(new ModelOptions { Pyramid = [6] }).Summary(224, 224).Parameters);
    }

    [Fact]
    public void WhatDoesNotFit_IsRefused()
    {
        Write([.. ResNet18(classes: 7).Select(tensor => tensor.Name == "layer2.0.conv1.weight" ? ("layer2.0.conv1.weight", [128, 64, 5, 5]) : tensor)], "wrong.safetensors");
        Assert.Contains("layer2.0.conv1.weight has shape [128, 64, 5, 5], but the network's layer2_0.main.conv1.weight needs [128, 64, 3, 3]",
            Assert.Throws<ModelFormatException>(() => TorchImport.Read(_folder["wrong.safetensors"], "resnet18", new TorchImportOptions(), _cpu)).Message, StringComparison.Ordinal);
        Assert.Contains("fits only a pyramid of that one level",
            Assert.Throws<ArgumentException>(() => TorchImport.Read(_folder["wrong.safetensors"], "vgg16", new TorchImportOptions { Pyramid = [6, 3, 2] }, _cpu)).Message, StringComparison.Ordinal);
        Assert.Contains("features", Assert.Throws<ModelFormatException>(() => TorchImport.Read(_folder["wrong.safetensors"], "vgg16", new TorchImportOptions { NewHeadClasses = 2 }, _cpu)).Message, StringComparison.Ordinal);
        Assert.Throws<UnknownModelException>(() => TorchImport.Read(_folder["wrong.safetensors"], "resnet50", new TorchImportOptions(), _cpu));
    }

    private Dictionary<string, NamedTensor> Write(IReadOnlyList<(string Name, int[] Shape)> tensors, string file)
    {
        uint seed = 1;
        List<NamedTensor> values = [.. tensors.Select(tensor => new NamedTensor(tensor.Name, new Shape(tensor.Shape), CaffeSamples.Uniform(seed++ * 7919, tensor.Shape.Aggregate(1, (product, extent) => product * extent), 1)))];
        SafetensorsWriter.Write(_folder[file], values, new Dictionary<string, string> { ["format"] = "pt" });
        return values.ToDictionary(tensor => tensor.Name);
    }

    private static List<(string Name, int[] Shape)> ResNet18(int classes)
    {
        var tensors = new List<(string, int[])>();
        Conv("conv1", 64, 3, 7);
        Norm("bn1", 64);
        int inputs = 64;
        for (int stage = 1; stage <= 4; stage++)
            for (int block = 0; block < 2; block++)
            {
                int width = 32 << stage;
                string name = $"layer{stage}.{block}";
                Conv(name + ".conv1", width, inputs, 3);
                Norm(name + ".bn1", width);
                Conv(name + ".conv2", width, width, 3);
                Norm(name + ".bn2", width);
                if (inputs != width)
                {
                    Conv(name + ".downsample.0", width, inputs, 1);
                    Norm(name + ".downsample.1", width);
                }
                inputs = width;
            }
        tensors.Add(("fc.weight", [classes, 512]));
        tensors.Add(("fc.bias", [classes]));
        return tensors;

        void Conv(string name, int outputs, int channels, int kernel) => tensors.Add((name + ".weight", [outputs, channels, kernel, kernel]));

        void Norm(string name, int channels)
        {
            foreach (string part in (string[])["weight", "bias", "running_mean", "running_var"]) tensors.Add(($"{name}.{part}", [channels]));
        }
    }

    // The published indices of torchvision's feature layers.
    private static List<(string Name, int[] Shape)> Vgg16Features() => Features(
        (0, 64, 3, 3), (2, 64, 64, 3), (5, 128, 64, 3), (7, 128, 128, 3), (10, 256, 128, 3), (12, 256, 256, 3), (14, 256, 256, 3),
        (17, 512, 256, 3), (19, 512, 512, 3), (21, 512, 512, 3), (24, 512, 512, 3), (26, 512, 512, 3), (28, 512, 512, 3));

    private static List<(string Name, int[] Shape)> AlexNetFeatures() => Features((0, 64, 3, 11), (3, 192, 64, 5), (6, 384, 192, 3), (8, 256, 384, 3), (10, 256, 256, 3));

    private static List<(string Name, int[] Shape)> Features(params (int Index, int Out, int In, int Kernel)[] layers) =>
        [.. layers.SelectMany(layer => new (string, int[])[] { ($"features.{layer.Index}.weight", [layer.Out, layer.In, layer.Kernel, layer.Kernel]), ($"features.{layer.Index}.bias", [layer.Out]) })];
}
