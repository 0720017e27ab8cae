using IlgpuSpp.Engine;
using IlgpuSpp.Engine.Cpu;
using IlgpuSpp.Layers;
using IlgpuSpp.Processes;

namespace IlgpuSpp.Models.Tests.Graph;

/// <summary>Layers survive their description as JSON, and so does a network of a user's own in a model file.</summary>
public sealed class LayerGraphTests
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
    public void EveryLayer_SurvivesItsDescription()
    {
        Sequential before = EveryLayer();
        before.Children[0].Parameters[1].LearningRateMultiplier = 2;
        string json = LayerGraph.ToJson(before);
        Layer after = LayerGraph.FromJson(json);
        Assert.Equal(json, LayerGraph.ToJson(after));
        Assert.Equal(before.Summary(12, 24).ToString(), after.Summary(12, 24).ToString());
        Assert.Equal(2, after.Children[0].Parameters[1].LearningRateMultiplier);
        Assert.Equal(
            before.SelfAndDescendants().Select(layer => layer.GetType()),
            after.SelfAndDescendants().Select(layer => layer.GetType()));
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
    public void LayersOfAUsersOwn_CannotBeDescribed()
    {
        Assert.False(LayerGraph.CanDescribe(new Sequential(new Relu(), new Mine())));
        Assert.Contains("Mine", Assert.Throws<NotSupportedException>(() => LayerGraph.ToJson(new Sequential(new Relu(), new Mine { Name = "own" }))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[]", "not a JSON object")]
    [InlineData("{", "not readable")]
    [InlineData("{\"type\":\"relu\"}", "name")]
    [InlineData("{\"type\":\"attention\",\"name\":\"a\"}", "attention")]
    [InlineData("{\"type\":\"sequential\",\"name\":\"a\",\"layers\":[]}", "has no layers")]
    [InlineData("{\"type\":\"linear\",\"name\":\"a\",\"in\":-1,\"out\":2,\"bias\":true}", "'in' must be a whole number")]
    [InlineData("{\"type\":\"linear\",\"name\":\"a\",\"in\":268435456,\"out\":1e300,\"bias\":true}", "'out' must be a whole number")]
    [InlineData("{\"type\":\"conv\",\"name\":\"a\",\"in\":3,\"out\":4,\"kernel\":[1,1],\"stride\":[1,1],\"pad\":[0,0],\"groups\":2,\"bias\":true}", "groups")]
    [InlineData("{\"type\":\"sequential\",\"name\":\"a\",\"layers\":[{\"type\":\"relu\",\"name\":\"b\"},{\"type\":\"relu\",\"name\":\"b\"}]}", "b")]
    [InlineData("{\"type\":\"spatial_pyramid_pool\",\"name\":\"a\",\"levels\":[65],\"rule\":\"Adaptive\"}", "levels")]
    [InlineData("{\"type\":\"spatial_pyramid_pool\",\"name\":\"a\",\"levels\":[6],\"rule\":\"17\"}", "rule")]
    public void DamagedDescriptions_AreRefused(string json, string reason) =>
        Assert.Contains(reason, Assert.Throws<FormatException>(() => LayerGraph.FromJson(json)).Message, StringComparison.Ordinal);

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

    private sealed class Mine : Layer
    {
        public override Shape OutputShape(Shape input) => input;

        public override LayerContext Plan(Tensor input, PassPlan plan) => new(input, input);

        public override void Forward(LayerContext context, PassPlan plan, PassState state)
        {
        }

        public override void Backward(LayerContext context, PassPlan plan, PassState state)
        {
        }
    }
}
