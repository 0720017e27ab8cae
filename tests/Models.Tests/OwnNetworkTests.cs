namespace IlgpuSpp.Models.Tests;

/// <summary>Networks of a user's own, of the project's layers and of layers of his own, survive their model files.</summary>
public sealed class OwnNetworkTests
{
    internal static Sequential EveryLayer() => new(
        new Conv2d(3, 8, new ConvGeometry(3, 5, 1, 2, 1, 2)) { Name = "conv1" },
        new LeakyRelu(0.2f) { Name = "leaky" },
        new LocalResponseNorm(new LrnGeometry(LrnRegion.AcrossChannels, 5, 1e-4f, 0.75f, 2)) { Name = "across" },
        new LocalResponseNorm(new LrnGeometry(LrnRegion.WithinChannel, 3, 5e-5f, 0.75f)) { Name = "within" },
        new MaxPool2d(3, 2, 1, PoolRounding.Ceil) { Name = "pool1" },
        new Concat(
            new Sequential(new Conv2d(8, 4, 1, bias: false) { Name = "reduce" }, new BatchNorm(4, 0.2f, 1e-3f) { Name = "bn" }, new PRelu(4) { Name = "prelu" }),
            new AveragePool2d(3, 1, 1, PoolRounding.Floor, AveragePoolDivisor.Padded) { Name = "average" },
            new Dropout(0) { Name = "same" }) { Name = "join" },
        new Residual(new Conv2d(20, 10, 3, pad: 1, groups: 2) { Name = "c" }, new Conv2d(20, 10, 1) { Name = "s" }, new Activation(ActivationKind.LeakyRelu, 0.3f)) { Name = "block" },
        new Concat(
            new SpatialPyramidPool(new Pyramid([3, 1], PyramidRule.Adaptive)) { Name = "spp" },
            new GlobalAveragePool { Name = "gap" },
            new Sequential(new SpatialPyramidPool(6) { Name = "six" }, new Relu(), new Flatten()),
            new Sequential(new MaxPool2d(2) { Name = "half" }, new GridFlatten(3) { Name = "grid" }, new Linear(90, 5, bias: false), new Sigmoid())) { Name = "rows" },
        new Linear(475, 6) { Name = "score" });

    [Fact]
    public void PaddingThatDiffersFromSideToSide_IsKept()
    {
        var before = new Sequential(
            new Conv2d(3, 4, ConvGeometry.Square(3, 2, 1) with { PadBottom = 0, PadRight = 2 }),
            new MaxPool2d(PoolGeometry.Square(3, 2, 1) with { PadBottom = 0, PadRight = 0 }));
        Layer after = LayerRegistry.BuiltIn.FromJson(LayerRegistry.ToJson(before));
        Assert.Equal(((Conv2d)before.Children[0]).Geometry, ((Conv2d)after.Children[0]).Geometry);
        Assert.Equal(((MaxPool2d)before.Children[1]).Geometry, ((MaxPool2d)after.Children[1]).Geometry);
        // ⌊(13 + 1 + 0 − 3) / 2⌋ + 1 = 6 rows and ⌊(13 + 1 + 2 − 3) / 2⌋ + 1 = 7 columns, then 3 and 3.
        Assert.Equal(new Shape(1, 3, 3, 4), after.OutputShape(new Shape(1, 13, 13, 3)));
    }

    [Fact]
    public void OwnNetwork_IsRebuiltFromItsFile()
    {
        using var cpu = new CpuBackend(new CpuOptions { Threads = 1 });
        using var folder = new TemporaryFolder();
        float[] image = [.. Enumerable.Range(0, 3 * 12 * 24).Select(i => MathF.Sin(i))];
        using var model = new Model(new ModelDescription { Architecture = "mine", Options = new ModelOptions { Classes = 6, Pyramid = [3, 1] } }, EveryLayer(), cpu, seed: 5);
        ModelFile.Save(folder["mine.safetensors"], model);
        using Model loaded = ModelFile.Load(folder["mine.safetensors"], cpu);
        Assert.Equal("mine", loaded.Description.Architecture);
        Assert.Equal(ModelRun.Scores(model, image, 12, 24), ModelRun.Scores(loaded, image, 12, 24));
    }

    [Fact]
    public void OwnLayers_AreRebuiltByTheRegistryThatKnowsThem()
    {
        using var cpu = new CpuBackend(new CpuOptions { Threads = 1 });
        using var folder = new TemporaryFolder();
        LayerRegistry registry = LayerRegistry.BuiltIn.With("scaling", description => new Scaling(description.Number("factor")));
        float[] image = [.. Enumerable.Range(0, 3 * 8 * 9).Select(i => MathF.Sin(i))];
        Layer[] layers = [new Conv2d(3, 4, 3) { Name = "conv" }, new Scaling(2.5f) { Name = "scaled" }, new SpatialPyramidPool(2, 1) { Name = "spp" }, new Dropout(0.5f) { Name = "drop" }, new Linear(20, 6) { Name = "score" }];
        using var model = new Model(new ModelDescription { Architecture = "mine", Options = new ModelOptions { Classes = 6, Pyramid = [2, 1] } }, new Sequential(layers), cpu, seed: 5, registry);
        ModelFile.Save(folder["mine.safetensors"], model);
        Assert.Contains("scaling", Assert.Throws<ModelFormatException>(() => ModelFile.Load(folder["mine.safetensors"], cpu)).Message, StringComparison.Ordinal);
        using Model loaded = ModelFile.Load(folder["mine.safetensors"], cpu, registry);
        Assert.Equal(ModelRun.Scores(model, image, 8, 9), ModelRun.Scores(loaded, image, 8, 9));
        // What is made of it is of the same layers.
        using Model head = ModelHead.Replace(loaded, ["a", "b"], cpu, seed: 1, dropout: 0.25f);
        Assert.Equal((2, 0.25f, 2.5f), (ModelHead.Of(head).OutFeatures, ((Dropout)head.Network.Root.Children[3]).Rate, ((Scaling)head.Network.Root.Children[1]).Factor));
        using Model compressed = LinearCompression.Compress(loaded, new CompressionPlan([new LayerRank("score", 4)], []));
        Assert.Equal(["conv", "scaled", "spp", "drop", "score_reduced", "score"], compressed.Network.Root.Children.Select(layer => layer.Name));
    }

    [Fact]
    public void DescriptionOfLayersThatTheFileDoesNotHold_IsRefusedBeforeMemoryIsTaken()
    {
        using var cpu = new CpuBackend(new CpuOptions { Threads = 1 });
        using var folder = new TemporaryFolder();
        SafetensorsWriter.Write(folder["bomb.safetensors"], [new NamedTensor("weight", new Shape(2), new float[2])], new Dictionary<string, string>
        {
            ["ilgpuspp.format"] = "1",
            ["ilgpuspp.architecture"] = "mine",
            ["ilgpuspp.options"] = "{}",
            ["ilgpuspp.classes"] = "[]",
            ["ilgpuspp.layers"] = "{\"type\":\"linear\",\"name\":\"a\",\"in\":268435456,\"out\":268435456,\"bias\":false}",
        });
        Assert.Contains("only 2", Assert.Throws<ModelFormatException>(() => ModelFile.Load(folder["bomb.safetensors"], cpu)).Message, StringComparison.Ordinal);
    }

    private sealed class Scaling(float factor) : Layer
    {
        public float Factor => factor;

        public override LayerDescription Describe() => new LayerDescription("scaling").Add("factor", factor);

        public override Shape OutputShape(Shape input) => input;

        public override LayerContext Plan(Tensor input, PassPlan plan) => new(input, plan.Allocate(input.Shape));

        public override void Forward(LayerContext context, PassPlan plan, PassState state)
        {
            plan.Backend.Fill(context.Output, 0);
            plan.Backend.Accumulate(context.Input, factor, context.Output);
        }

        public override void Backward(LayerContext context, PassPlan plan, PassState state)
        {
            plan.Backend.Fill(context.InputGradient!, 0);
            plan.Backend.Accumulate(context.OutputGradient!, factor, context.InputGradient!);
        }
    }
}
