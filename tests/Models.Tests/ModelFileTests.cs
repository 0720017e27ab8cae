namespace IlgpuSpp.Models.Tests;

/// <summary>What a file's metadata claims is checked before it is used.</summary>
public sealed class ModelFileTests() : NetworkFileTest(new CpuOptions { Threads = 1 })
{
    [Theory]
    [InlineData("classes", "[\"a\",\"b\",\"c\"]", "names 3 classes, but the network has 4 outputs")]
    [InlineData("classes", "[\"a\",\"b\",\"c\",null]", "has no name")]
    [InlineData("options", "{\"Classes\":5,\"Pyramid\":[1],\"PyramidRule\":\"Adaptive\",\"Dropout\":null}", "names 4 classes, but the network has 5 outputs")]
    [InlineData("options", "{\"Classes\":-4,\"Pyramid\":[1],\"PyramidRule\":\"Adaptive\",\"Dropout\":null}", "claims -4 classes")]
    [InlineData("options", "{\"Classes\":4,\"Pyramid\":[1,900],\"PyramidRule\":\"Adaptive\",\"Dropout\":null}", "pyramid level of 900")]
    [InlineData("options", "{\"Classes\":4,\"Pyramid\":[1],\"PyramidRule\":17,\"Dropout\":null}", "PyramidRule")]
    [InlineData("options", "{\"Classes\":4,\"Pyramid\":[1],\"PyramidRule\":\"Adaptive\",\"Dropout\":1.5}", "dropout rate of 1.5")]
    [InlineData("options", "{\"Classes\":4,\"Pyramid\":[1],\"Width\":0}", "width of 0")]
    [InlineData("options", "{\"Classes\":4,\"Pyramid\":[1],\"PyramidRule\":\"Newest\",\"Dropout\":null}", "not readable")]
    [InlineData("options", "[]", "not readable")]
    [InlineData("classes", "7", "not readable")]
    public void ClaimsThatCannotBe_AreRefused(string key, string value, string reason)
    {
        string changed = Changed(key, value);
        Assert.Contains(reason, Assert.Throws<ModelFormatException>(() => ModelFile.Load(changed, _cpu)).Message, StringComparison.Ordinal);
        Assert.Contains(reason, Assert.Throws<ModelFormatException>(() => ModelFile.ReadDescription(changed)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("classes", "[\"a\",", "ilgpuspp.classes is not as it should be")]
    [InlineData("options", "{\"Classes\":\"4\"}", "ilgpuspp.options is not as it should be at Classes")]
    [InlineData("options", "null", "ilgpuspp.options is not as it should be")]
    [InlineData("layers", "{", "the description of the layers is not readable: it is not valid JSON, or gives a name twice, at line 1, byte 2")]
    [InlineData("layers", "{\"type\":\"relu\",\"name\":\"a\",\"name\":\"b\"}", "the description of the layers is not readable: it is not valid JSON, or gives a name twice")]
    [InlineData("architecture", "no\nsuch", "it names 'no?such', which is not in this version's zoo")]
    [InlineData("options", "{\"Classes\":1}", "A classifier has at least 2 classes, not 1.")]
    public void Refusals_AreOneLineInPlainWords(string key, string value, string reason)
    {
        string message = Assert.Throws<ModelFormatException>(() => ModelFile.Load(Changed(key, value, classes: "[]"), _cpu)).Message;
        Assert.Contains(reason, message, StringComparison.Ordinal);
        Assert.DoesNotMatch("LineNumber|System|Parameter|\n|safetensors.*safetensors", message);
    }

    [Fact]
    public void AZooNetworkWithoutItsWeights_IsRefusedBeforeMemoryIsTaken()
    {
        SafetensorsWriter.Write(_folder["bare.safetensors"], [new NamedTensor("weight", new Shape(1), new float[1])], new Dictionary<string, string>
        {
            ["ilgpuspp.format"] = "1", ["ilgpuspp.architecture"] = "overfeat7", ["ilgpuspp.options"] = "{\"Classes\":1000000}", ["ilgpuspp.classes"] = "[]",
        });
        Assert.Contains("values, but it holds only 1", Assert.Throws<ModelFormatException>(() => ModelFile.Load(_folder["bare.safetensors"], _cpu)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void LayersWithOtherOutputsThanTheClassesClaimed_AreRefused()
    {
        using (var own = new Model(new ModelDescription { Architecture = "own", Options = new ModelOptions { Classes = 6, Pyramid = [1] } },
            new Layers.Sequential(new Layers.SpatialPyramidPool(1), new Layers.Linear(3, 5)), _cpu, seed: 1))
            ModelFile.Save(_folder["own.safetensors"], own);
        Assert.Contains("claims 6 classes, but the layers that it describes have 5 outputs",
            Assert.Throws<ModelFormatException>(() => ModelFile.Load(_folder["own.safetensors"], _cpu)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void OptionsThatAFileDoesNotName_AreTheUsualOnes()
    {
        SafetensorsWriter.Write(_folder["short.safetensors"], [new NamedTensor("weight", new Shape(1), new float[1])], new Dictionary<string, string>
        {
            ["ilgpuspp.format"] = "1", ["ilgpuspp.architecture"] = "zf5", ["ilgpuspp.options"] = "{}", ["ilgpuspp.classes"] = "[]",
        });
        Assert.Equal(new ModelOptions(), ModelFile.ReadDescription(_folder["short.safetensors"]).Options);
    }

    // A good file but for one value of its metadata.
    private string Changed(string key, string value, string classes = "[\"a\",\"b\",\"c\",\"d\"]")
    {
        string whole = _folder["whole.safetensors"], changed = _folder["changed.safetensors"];
        using (Model model = Zoo.Create("spp-small", new ModelOptions { Classes = 4, Pyramid = [1] }, _cpu, 1)) ModelFile.Save(whole, model);
        using SafetensorsFile file = SafetensorsFile.Open(whole);
        var metadata = new Dictionary<string, string>(file.Metadata) { ["ilgpuspp.classes"] = classes, ["ilgpuspp." + key] = value };
        SafetensorsWriter.Write(changed, [.. file.Names.Select(name => Tensor(file, name))], metadata);
        return changed;
    }

    private static NamedTensor Tensor(SafetensorsFile file, string name)
    {
        var values = new float[file.Count(name)];
        file.ReadFloats(name, values);
        return new NamedTensor(name, new Shape(file.Shape(name)), values);
    }
}
