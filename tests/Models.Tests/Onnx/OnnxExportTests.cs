using IlgpuSpp.Layers.Tests;
using IlgpuSpp.Models.Tests.Caffe;

namespace IlgpuSpp.Models.Tests.Onnx;

/// <summary>Written ONNX files give the network's own scores in an independent reader.</summary>
public sealed class OnnxExportTests() : NetworkFileTest(Exact)
{
    // Maps of 13x13 (windows), 12x10 and 7x8 (bins that overlap unevenly) reach both forms of a pyramid.
    [Theory]
    [InlineData("spp-small", 96, 80)]
    [InlineData("spp-small", 57, 66)]
    [InlineData("spp-small none", 96, 96)]
    [InlineData("released form", 57, 57)]
    [InlineData("branched form", 32, 32)]
    [InlineData("every layer", 12, 24)]
    [InlineData("odd pools", 33, 30)]
    [InlineData("resnet18", 64, 96)]
    public void OnnxRuntime_GivesTheNetworksOwnScores(string name, int height, int width)
    {
        using Model model = Create(name);
        float[] image = CaffeSamples.Uniform(5, 3 * height * width, 1);
        OnnxExport.Write(_folder["net.onnx"], model, new OnnxExportOptions { Height = height, Width = width });
        float[] expected = ModelRun.Scores(model, image, height, width), actual = OnnxRuntime.Run(_folder["net.onnx"], image, height, width);
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
            Assert.True(Math.Abs(expected[i] - actual[i]) < 1e-4 * Math.Max(1, Math.Abs(expected[i])), $"{i}: {actual[i]} instead of {expected[i]}");
    }

    [Fact]
    public void OnnxRuntime_GivesWhatEveryLayerGives()
    {
        string file = _folder["layer.onnx"];
        foreach (string name in LayerCases.Keys)
        {
            (Layer layer, Shape shape) = LayerCases.Of(name);
            var root = new Sequential(layer);
            shape = shape.Rank == 4 ? new Shape(1, shape.Height, shape.Width, shape.Channels) : new Shape(1, shape.Channels);
            using var network = new Network(root, _cpu, seed: 3);
            uint seed = 1;
            foreach (BatchNorm norm in layer.SelfAndDescendants().OfType<BatchNorm>())
            {
                norm.RunningMean.Value.Upload(CaffeSamples.Uniform(seed++, (int)norm.Gamma.Shape.Count, 0.3f));
                norm.RunningVariance.Value.Upload([.. CaffeSamples.Uniform(seed++, (int)norm.Gamma.Shape.Count, 0.5f).Select(value => 1 + value)]);
            }
            using NetworkPass pass = network.Plan(shape, PassMode.Inference);
            float[] values = CaffeSamples.Uniform(7, (int)shape.Count, 1);
            pass.Input.Upload(values);
            pass.Forward();

            var graph = new OnnxGraph(anySize: false);
            string input = graph.Name("input"), output = graph.Node("Identity", "result", [graph.Add(root, new OnnxValue(input, shape), "").Name]);
            OnnxExport.Write(file, OnnxFile.Message(graph, "layer", (input, [.. Extents(shape).Cast<object>()]), (output, [.. Extents(pass.Output.Shape).Cast<object>()])), []);
            float[] expected = Planes(pass.Output.ToArray(), pass.Output.Shape), actual = OnnxRuntime.Run(file, Planes(values, shape), Extents(shape));
            Assert.Equal(expected.Length, actual.Length);
            for (int i = 0; i < expected.Length; i++)
                Assert.True(Math.Abs(expected[i] - actual[i]) < 1e-5 * Math.Max(1, Math.Abs(expected[i])), $"{name} {i}: {actual[i]} instead of {expected[i]}");
        }

        static int[] Extents(Shape shape) => shape.Rank == 4 ? [shape.Batch, shape.Channels, shape.Height, shape.Width] : [shape.Batch, shape.Channels];
    }

    [Fact]
    public void Softmax_EndsInProbabilities()
    {
        using Model model = Create("released form");
        float[] image = CaffeSamples.Image(57);
        OnnxExport.Write(_folder["net.onnx"], model, new OnnxExportOptions { Height = 57, Width = 57, Softmax = true });
        double[] powers = [.. CaffeSamples.ReleasedForm.OpenCvScores.Select(score => Math.Exp(score))];
        float[] actual = OnnxRuntime.Run(_folder["net.onnx"], image, 57, 57);
        for (int i = 0; i < powers.Length; i++) Assert.Equal(powers[i] / powers.Sum(), actual[i], 1e-4);
    }

    [Theory]
    [InlineData("resnet18", "layer2_0", true)]
    [InlineData("resnet18", "layer2_0.main.conv1", false)]
    [InlineData("spp-small none", "conv3", true)]
    [InlineData("spp-small", "fc5", false)]
    public void At_EndsWithALayersResponse(string name, string layer, bool anySize)
    {
        const int Height = 64, Width = 96;
        using Model model = Create(name);
        float[] image = CaffeSamples.Uniform(5, 3 * Height * Width, 1);
        var options = new OnnxExportOptions { At = layer };
        OnnxExport.Write(_folder["net.onnx"], model, anySize ? options : options with { Height = Height, Width = Width });
        using var pass = new ActivationPass(model.Network, new Shape(1, Height, Width, 3), [layer]);
        pass.Input.Upload(image);
        pass.Forward();
        float[] expected = Planes(pass[layer].ToArray(), pass[layer].Shape), actual = OnnxRuntime.Run(_folder["net.onnx"], Planes(image, pass.Input.Shape), [1, 3, Height, Width]);
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
            Assert.True(Math.Abs(expected[i] - actual[i]) < 1e-4 * Math.Max(1, Math.Abs(expected[i])), $"{i}: {actual[i]} instead of {expected[i]}");
        Assert.Throws<UnknownLayerException>(() => OnnxExport.Write(_folder["no.onnx"], model, options with { At = "conv99" }));
        Assert.Throws<ArgumentException>(() => OnnxExport.Write(_folder["no.onnx"], model, options with { Softmax = true }));
        Assert.False(File.Exists(_folder["no.onnx"]));
    }

    [Fact]
    public void AnySize_IsWrittenForAdaptivePyramidsOnly()
    {
        var anySize = new OnnxExportOptions();
        using (Model model = Create("spp-small")) OnnxExport.Write(_folder["net.onnx"], model, anySize);
        Assert.True(new FileInfo(_folder["net.onnx"]).Length > 1_000_000);
        using (Model released = Create("released form"))
            Assert.Contains("ReleasedZf5", Assert.Throws<NotSupportedException>(() => OnnxExport.Write(_folder["no.onnx"], released, anySize)).Message, StringComparison.Ordinal);
        using (Model fixedSize = Create("spp-small none"))
            Assert.Contains("flatten", Assert.Throws<NotSupportedException>(() => OnnxExport.Write(_folder["no.onnx"], fixedSize, anySize)).Message, StringComparison.Ordinal);
        using (Model odd = Create("odd pools"))
            Assert.Contains("rounded up with padding", Assert.Throws<NotSupportedException>(() => OnnxExport.Write(_folder["no.onnx"], odd, anySize)).Message, StringComparison.Ordinal);
        Assert.False(File.Exists(_folder["no.onnx"]));
    }

    [Fact]
    public void SizesThatTheNetworkCannotTake_AreRefused()
    {
        using Model small = Create("odd pools");
        Assert.Throws<InputTooSmallException>(() => OnnxExport.Write(_folder["no.onnx"], small, new OnnxExportOptions { Height = 2, Width = 40 }));
        Assert.Throws<ArgumentException>(() => OnnxExport.Write(_folder["no.onnx"], small, new OnnxExportOptions { Height = 96 }));
        using Model only = Create("spp-small none");
        Assert.Throws<ShapeMismatchException>(() => OnnxExport.Write(_folder["no.onnx"], only, new OnnxExportOptions { Height = 128, Width = 96 }));
    }

    private Model Create(string name)
    {
        Model model = name switch
        {
            "released form" => Imported(CaffeSamples.ReleasedForm),
            "branched form" => Imported(CaffeSamples.Branched),
            "spp-small none" => Zoo.Create("spp-small", new ModelOptions { Classes = 10, Pyramid = [] }, _cpu, 3),
            "every layer" => Own(OwnNetworkTests.EveryLayer(), 6),
            "odd pools" => Own(new Sequential(
                new Conv2d(3, 6, 3),
                new AveragePool2d(4, 3, 2, PoolRounding.Ceil, AveragePoolDivisor.Padded),
                new AveragePool2d(3, 2, 1, PoolRounding.Ceil),
                new MaxPool2d(2, 2, 1, PoolRounding.Ceil),
                new SpatialPyramidPool(2, 1, 4),
                new Linear(126, 5)), 5),
            _ => Zoo.Create(name, new ModelOptions { Classes = 10 }, _cpu, 3),
        };
        uint seed = 1;
        foreach (BatchNorm norm in model.Network.Root.SelfAndDescendants().OfType<BatchNorm>())
        {
            if (name == "branched form") break;
            int channels = (int)norm.Gamma.Shape.Count;
            norm.RunningMean.Value.Upload(CaffeSamples.Uniform(seed++, channels, 0.3f));
            norm.RunningVariance.Value.Upload([.. CaffeSamples.Uniform(seed++, channels, 0.5f).Select(value => 1 + value)]);
            norm.Gamma.Value.Upload([.. CaffeSamples.Uniform(seed++, channels, 0.5f).Select(value => 1 + value)]);
            norm.Beta.Value.Upload(CaffeSamples.Uniform(seed++, channels, 0.3f));
        }
        return model;
    }

    // From the order row, column, channel to channel, row, column.
    private static float[] Planes(float[] values, Shape shape)
    {
        if (shape.Rank != 4) return values;
        int channels = shape.Channels, pixels = values.Length / channels;
        return [.. Enumerable.Range(0, values.Length).Select(i => values[i % pixels * channels + i / pixels])];
    }

    private Model Own(Layer root, int classes) =>
        new(new ModelDescription { Architecture = "own", Options = new ModelOptions { Classes = classes, Pyramid = [] } }, root, _cpu, seed: 4);

    private Model Imported(CaffeSample sample)
    {
        File.WriteAllText(_folder["net.prototxt"], sample.Prototxt);
        _folder.Write("net.caffemodel", CaffeWire.Network(sample.Layers, sample.Form));
        return CaffeImport.Read(_folder["net.prototxt"], _folder["net.caffemodel"], _cpu).Model;
    }
}
