using IlgpuSpp.Engine;
using IlgpuSpp.Engine.Cpu;

namespace IlgpuSpp.Layers.Tests;

/// <summary>Layers survive their description as data; descriptions of former versions are still read; damaged ones are refused.</summary>
public sealed class LayerDescriptionTests : IDisposable
{
    // Written by version 0.1.0 before layers described themselves: part of the file format.
    private const string EveryLayer = """
        {"type":"sequential","name":"","layers":[{"type":"conv","name":"conv1","in":3,"out":8,"kernel":[3,5],"stride":[1,2],"pad":[1,2],"groups":1,"bias":true,"learning_rates":[1,2]},{"type":"leaky_relu","name":"leaky","slope":0.2},{"type":"lrn","name":"across","region":"AcrossChannels","size":5,"alpha":0.0001,"beta":0.75,"k":2},{"type":"lrn","name":"within","region":"WithinChannel","size":3,"alpha":5E-05,"beta":0.75,"k":1},{"type":"max_pool","name":"pool1","kernel":[3,3],"stride":[2,2],"pad":[1,1],"rounding":"Ceil"},{"type":"concat","name":"join","layers":[{"type":"sequential","name":"0","layers":[{"type":"conv","name":"reduce","in":8,"out":4,"kernel":[1,1],"stride":[1,1],"pad":[0,0],"groups":1,"bias":false},{"type":"batch_norm","name":"bn","channels":4,"momentum":0.2,"epsilon":0.001},{"type":"prelu","name":"prelu","channels":4}]},{"type":"average_pool","name":"average","kernel":[3,3],"stride":[1,1],"pad":[1,1],"rounding":"Floor","divisor":"Padded"},{"type":"dropout","name":"same","rate":0}]},{"type":"residual","name":"block","main":{"type":"conv","name":"c","in":20,"out":10,"kernel":[3,3],"stride":[1,1],"pad":[1,1],"groups":2,"bias":true},"shortcut":{"type":"conv","name":"s","in":20,"out":10,"kernel":[1,1],"stride":[1,1],"pad":[0,0],"groups":1,"bias":true},"activation":"LeakyRelu","slope":0.3},{"type":"concat","name":"rows","layers":[{"type":"spatial_pyramid_pool","name":"spp","levels":[3,1],"rule":"Adaptive"},{"type":"global_average_pool","name":"gap"},{"type":"sequential","name":"2","layers":[{"type":"spatial_pyramid_pool","name":"six","levels":[6],"rule":"Adaptive"},{"type":"relu","name":"1"},{"type":"flatten","name":"2"}]},{"type":"sequential","name":"3","layers":[{"type":"max_pool","name":"half","kernel":[2,2],"stride":[2,2],"pad":[0,0],"rounding":"Floor"},{"type":"grid_flatten","name":"grid","side":3},{"type":"linear","name":"2","in":90,"out":5,"bias":false},{"type":"sigmoid","name":"3"}]}]},{"type":"linear","name":"score","in":475,"out":6,"bias":true}]}
        """;

    private readonly CpuBackend _cpu = new(new CpuOptions { Threads = 1 });

    public void Dispose() => _cpu.Dispose();

    [Theory]
    [MemberData(nameof(LayerCases.Names), MemberType = typeof(LayerCases))]
    public void EveryLayer_SurvivesItsDescription(string name)
    {
        (Layer before, Shape input) = LayerCases.Of(name);
        before.Name = name;
        Parameter[] parameters = [.. before.SelfAndDescendants().SelectMany(layer => layer.Parameters)];
        for (int i = 0; i < parameters.Length; i++) parameters[i].LearningRateMultiplier = i + 0.5f;
        string json = LayerRegistry.ToJson(before);
        Layer after = LayerRegistry.BuiltIn.FromJson(json);
        Assert.Equal(json, LayerRegistry.ToJson(after));
        Assert.Equal(before.SelfAndDescendants().Select(layer => (layer.GetType(), layer.Name, layer.Kind)), after.SelfAndDescendants().Select(layer => (layer.GetType(), layer.Name, layer.Kind)));
        Assert.Equal(parameters.Select(parameter => parameter.LearningRateMultiplier), after.SelfAndDescendants().SelectMany(layer => layer.Parameters).Select(parameter => parameter.LearningRateMultiplier));
        // The values of parameters travel beside the description.
        using Network one = new(before, _cpu, seed: 6), other = new(after, _cpu, seed: 9);
        for (int i = 0; i < parameters.Length; i++) other.Parameters[i].Value.Upload(one.Parameters[i].Value.ToArray());
        Assert.Equal(Output(one, input), Output(other, input));
    }

    [Fact]
    public void DescriptionsOfFormerVersions_AreReadAndWrittenAsTheyWere()
    {
        Layer layers = LayerRegistry.BuiltIn.FromJson(EveryLayer);
        Assert.Equal(EveryLayer.Trim(), LayerRegistry.ToJson(layers));
        Assert.Equal(new Shape(1, 6), layers.OutputShape(new Shape(1, 12, 24, 3)));
        Assert.Equal(2, layers.Children[0].Parameters[1].LearningRateMultiplier);
    }

    [Fact]
    public void ALayerOfAUsersOwn_IsReadByTheRegistryThatKnowsIt()
    {
        string json = LayerRegistry.ToJson(new Sequential(new Relu(), new Own(3) { Name = "own" }));
        Assert.Equal("""{"type":"sequential","name":"","layers":[{"type":"relu","name":"0"},{"type":"own","name":"own","depth":3}]}""", json);
        Assert.Contains("no layer type 'own'", Assert.Throws<FormatException>(() => LayerRegistry.BuiltIn.FromJson(json)).Message, StringComparison.Ordinal);
        LayerRegistry registry = LayerRegistry.BuiltIn.With("own", description => new Own(description.Whole("depth", 1, 9)));
        Assert.Equal(3, Assert.IsType<Own>(registry.FromJson(json).Children[1]).Depth);
        Assert.Contains("'depth' must be a whole number from 1 to 9", Assert.Throws<FormatException>(() => registry.FromJson(json.Replace("3", "10", StringComparison.Ordinal))).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => registry.With("own", _ => new Relu()));
        Assert.Throws<ArgumentException>(() => LayerRegistry.BuiltIn.With("conv", _ => new Relu()));
    }

    [Fact]
    public void ALayerThatDoesNotDescribeItself_IsNamed()
    {
        Assert.False(LayerRegistry.CanDescribe(new Sequential(new Relu(), new Silent())));
        Assert.True(LayerRegistry.CanDescribe(new Sequential(new Relu(), new Own(1))));
        Assert.Contains("mine (Silent)", Assert.Throws<NotSupportedException>(() => LayerRegistry.ToJson(new Sequential(new Relu(), new Silent { Name = "mine" }))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[]", "not a JSON object")]
    [InlineData("{", "not readable")]
    [InlineData("{\"type\":\"relu\"}", "name")]
    [InlineData("{\"type\":7,\"name\":\"a\"}", "type")]
    [InlineData("{\"type\":\"attention\",\"name\":\"a\"}", "attention")]
    [InlineData("{\"type\":\"sequential\",\"name\":\"a\",\"layers\":[]}", "has no layers")]
    [InlineData("{\"type\":\"sequential\",\"name\":\"a\",\"layers\":[3]}", "not a JSON object")]
    [InlineData("{\"type\":\"residual\",\"name\":\"a\"}", "main")]
    [InlineData("{\"type\":\"linear\",\"name\":\"a\",\"in\":-1,\"out\":2,\"bias\":true}", "'in' must be a whole number")]
    [InlineData("{\"type\":\"linear\",\"name\":\"a\",\"in\":268435456,\"out\":1e300,\"bias\":true}", "'out' must be a whole number")]
    [InlineData("{\"type\":\"linear\",\"name\":\"a\",\"in\":2,\"out\":2,\"bias\":true,\"learning_rates\":[1]}", "2 parameters, but 1 learning rates")]
    [InlineData("{\"type\":\"conv\",\"name\":\"a\",\"in\":3,\"out\":4,\"kernel\":[1,1],\"stride\":[1,1],\"pad\":[0,0],\"groups\":2,\"bias\":true}", "groups")]
    [InlineData("{\"type\":\"sequential\",\"name\":\"a\",\"layers\":[{\"type\":\"relu\",\"name\":\"b\"},{\"type\":\"relu\",\"name\":\"b\"}]}", "b")]
    [InlineData("{\"type\":\"spatial_pyramid_pool\",\"name\":\"a\",\"levels\":[65],\"rule\":\"Adaptive\"}", "levels")]
    [InlineData("{\"type\":\"spatial_pyramid_pool\",\"name\":\"a\",\"levels\":[6],\"rule\":\"17\"}", "rule")]
    public void DamagedDescriptions_AreRefused(string json, string reason) =>
        Assert.Contains(reason, Assert.Throws<FormatException>(() => LayerRegistry.BuiltIn.FromJson(json)).Message, StringComparison.Ordinal);

    private float[] Output(Network network, Shape input)
    {
        using NetworkPass pass = network.Plan(input, PassMode.Inference);
        _cpu.FillNormal(pass.Input, 0, 1, new RandomKey(2, 0, 0));
        pass.Forward();
        return pass.Output.ToArray();
    }

    private sealed class Own(int depth) : Silent
    {
        public int Depth => depth;

        public override LayerDescription Describe() => new LayerDescription("own").Add("depth", depth);
    }

    private class Silent : Layer
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
