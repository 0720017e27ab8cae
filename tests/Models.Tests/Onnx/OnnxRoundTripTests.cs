using IlgpuSpp.Models.Tests.Caffe;
using Microsoft.ML.OnnxRuntime;

namespace IlgpuSpp.Models.Tests.Onnx;

/// <summary>Every network that is exported gives the same scores in ONNX Runtime, and again when it is read back.</summary>
public sealed class OnnxRoundTripTests() : NetworkFileTest(Exact)
{
    private const double Tolerance = 1e-4;

    /// <summary>The whole zoo; small pyramids where the layer behind them would be large.</summary>
    public static TheoryData<string, int[], string> Networks { get; } = new()
    {
        { "spp-small", [1, 2, 3, 6], "96x80 57x66 130x97" },
        { "resnet18", [1, 2, 3, 6], "96x80 65x101 130x97" },
        { "zf5", [2, 1], "120x112 150x131 224x224" },
        { "convnet5", [2, 1], "120x112 150x131 224x224" },
        { "overfeat5", [2, 1], "150x131 160x170 224x224" },
        { "overfeat7", [2, 1], "150x131 160x170 224x224" },
        { "zf5-table1", [2, 1], "120x112 150x131 224x224" },
        { "overfeat5-table1", [2, 1], "150x131 160x170 224x224" },
        { "overfeat7-table1", [2, 1], "150x131 160x170 224x224" },
        { "vgg16", [2, 1], "64x64 70x81 96x130" },
    };

    [Theory, MemberData(nameof(Networks))]
    public void ZooNetworks_GiveTheSameScoresInOnnxRuntimeAndReadBack(string name, int[] levels, string sizes)
    {
        using Model model = Zoo.Create(name, new ModelOptions { Classes = 7, Pyramid = [.. levels] }, _cpu, 3);
        Train(model);
        (int Height, int Width)[] each = [.. sizes.Split(' ').Select(size => size.Split('x')).Select(side => (int.Parse(side[0]), int.Parse(side[1])))];
        string open = _folder["open.onnx"], known = _folder["known.onnx"];
        OnnxExport.Write(open, model, new OnnxExportOptions());
        using Model back = OnnxImport.Read(open, _cpu, new OnnxImportOptions()).Model;
        Assert.Equal(levels, back.Network.Root.SelfAndDescendants().OfType<SpatialPyramidPool>().Single().Pyramid.Levels);
        using var session = new InferenceSession(open);
        foreach ((int height, int width) in each)
        {
            float[] image = CaffeSamples.Uniform(5, 3 * height * width, 1), expected = ModelRun.Scores(model, image, height, width);
            OnnxRuntime.AssertClose(OnnxRuntime.Run(session, image, height, width), expected, Tolerance, $"open {height}x{width}");
            OnnxRuntime.AssertClose(expected, ModelRun.Scores(back, image, height, width), 1e-6, $"open {height}x{width} read back");

            OnnxExport.Write(known, model, new OnnxExportOptions { Height = height, Width = width });
            OnnxRuntime.AssertClose(OnnxRuntime.Run(known, image, height, width), expected, Tolerance, $"{height}x{width}");
            using Model fixedSize = OnnxImport.Read(known, _cpu, new OnnxImportOptions()).Model;
            OnnxRuntime.AssertClose(expected, ModelRun.Scores(fixedSize, image, height, width), 1e-6, $"{height}x{width} read back");
        }
    }

    [Theory]
    [InlineData("spp-small", 96, 96)]
    [InlineData("resnet18", 90, 75)]
    [InlineData("every layer", 12, 24)]
    [InlineData("odd pools", 33, 30)]
    [InlineData("rows as they lie", 9, 13)]
    [InlineData("limits", 9, 13)]
    public void NetworksOfOneSize_GiveTheSameScoresInOnnxRuntimeAndReadBack(string name, int height, int width)
    {
        using Model model = name switch
        {
            "every layer" => Own(OwnNetworkTests.EveryLayer(), 6),
            "odd pools" => Own(new Sequential(
                new Conv2d(3, 6, ConvGeometry.Square(3, 2, 1) with { PadBottom = 0, PadRight = 2 }),
                new AveragePool2d(4, 3, 2, PoolRounding.Ceil, AveragePoolDivisor.Padded),
                new AveragePool2d(PoolGeometry.Square(3, 1, 1) with { PadBottom = 0, PadRight = 2 }, AveragePoolDivisor.Padded),
                new MaxPool2d(PoolGeometry.Square(2, 2, 1, PoolRounding.Ceil) with { PadRight = 0 }),
                new SpatialPyramidPool(2, 1, 4),
                new Linear(126, 5)), 5),
            "rows as they lie" => Own(new Sequential(new Conv2d(3, 4, 3), new Flatten(), new Linear(4 * 7 * 11, 5), new BatchNorm(5), new Sigmoid()), 5),
            "limits" => Own(new Sequential(
                new Conv2d(3, 8, 3), new BatchNorm(8), new Relu6(), new Residual(new Conv2d(8, 8, 3, pad: 1), activation: new Activation(ActivationKind.Relu6)), new HardSwish(),
                new GlobalAveragePool(), new Linear(8, 6), new HardSwish(), new Linear(6, 5), new HardSigmoid(0.2f)), 5),
            _ => Zoo.Create(name, new ModelOptions { Classes = 10, Pyramid = [] }, _cpu, 3),
        };
        Train(model);
        float[] image = CaffeSamples.Uniform(5, 3 * height * width, 1), expected = ModelRun.Scores(model, image, height, width);
        string file = _folder["net.onnx"];
        OnnxExport.Write(file, model, new OnnxExportOptions { Height = height, Width = width });
        OnnxRuntime.AssertClose(OnnxRuntime.Run(file, image, height, width), expected, Tolerance, name);
        using (Model back = OnnxImport.Read(file, _cpu, new OnnxImportOptions()).Model)
            OnnxRuntime.AssertClose(expected, ModelRun.Scores(back, image, height, width), 1e-5, $"{name} read back");
        using (Model folded = OnnxImport.Read(file, _cpu, new OnnxImportOptions { FoldBatchNorm = true }).Model)
        {
            OnnxRuntime.AssertClose(expected, ModelRun.Scores(folded, image, height, width), 1e-5, $"{name} folded");
            Assert.DoesNotContain(folded.Network.Root.SelfAndDescendants(), layer => layer is BatchNorm norm && norm.Name.StartsWith("bn_conv", StringComparison.Ordinal));
        }
        // What was read can be written again, as a model file too.
        ModelFile.Save(_folder["net.safetensors"], model);
        using Model loaded = ModelFile.Load(_folder["net.safetensors"], _cpu);
        Assert.Equal(expected, ModelRun.Scores(loaded, image, height, width));
    }

    // Statistics and slopes that matter, as a trained network has.
    private static void Train(Model model)
    {
        uint seed = 1;
        foreach (BatchNorm norm in model.Network.Root.SelfAndDescendants().OfType<BatchNorm>())
        {
            int channels = (int)norm.Gamma.Shape.Count;
            norm.RunningMean.Value.Upload(CaffeSamples.Uniform(seed++, channels, 0.3f));
            norm.RunningVariance.Value.Upload([.. CaffeSamples.Uniform(seed++, channels, 0.5f).Select(value => 1 + value)]);
            norm.Gamma.Value.Upload([.. CaffeSamples.Uniform(seed++, channels, 0.5f).Select(value => 1 + value)]);
            norm.Beta.Value.Upload(CaffeSamples.Uniform(seed++, channels, 0.3f));
        }
    }

    private Model Own(Layer root, int classes) =>
        new(new ModelDescription { Architecture = "own", Options = new ModelOptions { Classes = classes, Pyramid = [] } }, root, _cpu, seed: 4);
}
