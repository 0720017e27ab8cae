using IlgpuSpp.Models.Tests.Caffe;

namespace IlgpuSpp.Models.Tests;

/// <summary>A trained network gets another end; what is kept computes what it did.</summary>
public sealed class NewHeadTests : IDisposable
{
    private readonly CpuBackend _cpu = new(new CpuOptions { Threads = 2 });

    public void Dispose() => _cpu.Dispose();

    // Bins times channels of the last map, by the paper: 50 bins of 512 and 256 channels; 9 + 1 bins of 128.
    [Theory]
    [InlineData("resnet18", "", "6,3,2,1", null, 0, 25600)]
    [InlineData("resnet18", "", "3,1", "layer2_1", 0, 1280)]
    [InlineData("resnet18", "", "", "layer3_0", 12, 12)]
    [InlineData("resnet18", "", null, null, 0, 512)]
    [InlineData("resnet18", "2,1", null, null, 7, 7)]
    [InlineData("spp-small", "1,2,3,6", "3,1", null, 0, 1280)]
    [InlineData("spp-small", "", "3,1", null, 5, 5)]
    public void Network_GetsTheEndThatIsAskedFor(string name, string own, string? levels, string? at, int hidden, int features)
    {
        using Model source = Zoo.Create(name, new ModelOptions { Classes = 4, Pyramid = [.. Levels(own)] }, _cpu, 3);
        var head = new NewHead { Levels = levels is null ? null : [.. Levels(levels)], At = at, Hidden = hidden };
        using Model model = head.Attach(source, ["a", "b", "c"], _cpu, seed: 7);
        Assert.Equal((3, features), (model.Classes, ModelHead.Of(model).InFeatures));
        Assert.Equal<string[]>(["a", "b", "c"], [.. model.Description.ClassNames]);
        Assert.Equal(hidden > 0, model.Network.Root.Children.Any(layer => layer is Dropout { Rate: 0.5f } && layer.Name == "drop_fc_hidden"));
        if (levels is { Length: > 0 }) Assert.Equal<int[]>(Levels(levels), [.. model.Description.Options.Pyramid]);
        Assert.True(model.TakesAnySize);
        // The paper's deviation of 0.01; of few weights it is known less well.
        float[] first = ModelHead.Of(model).Weight.Value.ToArray();
        double deviation = Math.Sqrt(first.Average(value => (double)value * value)), error = 0.01 / Math.Sqrt(2.0 * first.Length);
        Assert.InRange(deviation, 0.01 - 4 * error, 0.01 + 4 * error);

        // The kept layers have the weights of the source, and give its maps.
        IReadOnlyList<Layer> kept = head.Kept(source);
        if (at is not null) Assert.Equal(at, kept[^1].Name);
        float[] image = CaffeSamples.Uniform(5, 3 * 96 * 96, 1);
        using var before = new ActivationPass(source.Network, new Shape(1, 96, 96, 3), [kept[^1].Name]);
        using var after = new ActivationPass(model.Network, new Shape(1, 96, 96, 3), [kept[^1].Name]);
        Assert.Equal(Run(before, kept[^1].Name, image), Run(after, kept[^1].Name, image));
    }

    [Fact]
    public void EndsThatCannotBe_AreRefused()
    {
        using Model source = Zoo.Create("spp-small", new ModelOptions { Classes = 4 }, _cpu, 3);
        Assert.Throws<UnknownLayerException>(() => new NewHead { At = "conv9" }.Attach(source, ["a", "b"], _cpu, 1));
        Assert.Contains("have no maps to pool", Assert.Throws<NotSupportedException>(() => new NewHead { At = "fc5", Levels = [1] }.Attach(source, ["a", "b"], _cpu, 1)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new NewHead { Hidden = -1 }.Attach(source, ["a", "b"], _cpu, 1));
        using Model deep = Zoo.Create("resnet18", new ModelOptions { Classes = 4 }, _cpu, 3);
        Assert.Contains("inside a block", Assert.Throws<NotSupportedException>(() => new NewHead { At = "layer2_0.main.conv1" }.Attach(deep, ["a", "b"], _cpu, 1)).Message, StringComparison.Ordinal);
    }

    private static int[] Levels(string text) => [.. text.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse)];

    private static float[] Run(ActivationPass pass, string layer, float[] image)
    {
        pass.Input.Upload(image);
        pass.Forward();
        return pass[layer].ToArray();
    }
}
