using IlgpuSpp.Engine;
using IlgpuSpp.Engine.Cpu;
using Xunit;

namespace IlgpuSpp.Layers.Tests;

/// <summary>Activations inside blocks, against networks that consist of nothing but the layers on the way to them.</summary>
public sealed class ActivationPassTests : IDisposable
{
    private readonly CpuBackend _backend = new(new CpuOptions { Threads = 1 });
    private readonly Network _network;

    public ActivationPassTests() => _network = new Network(new Sequential(
        new Conv2d(3, 4, 3, pad: 1) { Name = "conv0" },
        new Residual(
            new Sequential(new Conv2d(4, 4, 3, pad: 1) { Name = "conv1" }, new BatchNorm(4) { Name = "bn1" }, new Relu { Name = "relu1" }, new Conv2d(4, 6, 1) { Name = "conv2" }),
            new Sequential(new Conv2d(4, 6, 1) { Name = "project" }),
            new Activation(ActivationKind.Relu)) { Name = "block" },
        new Conv2d(6, 2, 1) { Name = "last" }), _backend, seed: 4);

    public void Dispose()
    {
        _network.Dispose();
        _backend.Dispose();
    }

    [Fact]
    public void LayersInsideABlockGiveWhatTheLayersOnTheWayGive()
    {
        float[] input = [.. Enumerable.Range(0, 2 * 5 * 6 * 3).Select(i => MathF.Sin(i))];
        var names = new[] { "block.main.conv1", "last", "block.shortcut.project", "block.main.conv1.raw", "block.main.conv2", "conv0" };
        using var pass = new ActivationPass(_network, new Shape(2, 5, 6, 3), names);
        pass.Input.Upload(input);
        pass.Forward();
        foreach ((string name, int[] way) in new (string, int[])[]
        {
            ("conv0", [0]), ("block.main.conv1.raw", [0, 1]), ("block.main.conv1", [0, 1, 2, 3]), ("block.main.conv2", [0, 1, 2, 3, 4]), ("block.shortcut.project", [0, 5]),
        })
            Assert.Equal(Run(input, way), pass[name].ToArray());
        using NetworkPass whole = _network.Plan(new Shape(2, 5, 6, 3), PassMode.Inference);
        whole.Input.Upload(input);
        whole.Forward();
        Assert.Equal(whole.Output.ToArray(), pass["last"].ToArray());
    }

    [Fact]
    public void ContainersWhoseLayersHaveTheSameNamesAndNamesWithPointsAreFollowed()
    {
        using var network = new Network(new Sequential(
            new Conv2d(3, 4, 1) { Name = "stem.conv" },
            new Sequential(new Conv2d(4, 5, 1), new Relu(), new Sequential(new Conv2d(5, 6, 1), new Conv2d(6, 7, 1)) { Name = "inner" }) { Name = "outer" }), _backend, seed: 3);
        using var pass = new ActivationPass(network, new Shape(1, 4, 4, 3), ["stem.conv", "outer.inner.0", "outer"]);
        pass.Input.Upload([.. Enumerable.Range(0, 48).Select(i => MathF.Cos(i))]);
        pass.Forward();
        Assert.Equal([4, 6, 7], new[] { "stem.conv", "outer.inner.0", "outer" }.Select(name => pass[name].Shape.Channels));
        float[] hidden = pass["outer.inner.0"].ToArray(), weights = network.Parameters[^2].Value.ToArray(), bias = network.Parameters[^1].Value.ToArray();
        float[] expected = [.. Enumerable.Range(0, 16 * 7).Select(i => bias[i % 7] + Enumerable.Range(0, 6).Sum(c => hidden[i / 7 * 6 + c] * weights[c * 7 + i % 7]))];
        float[] outer = pass["outer"].ToArray();
        for (int i = 0; i < expected.Length; i++) Assert.Equal(expected[i], outer[i], 1e-5);
    }

    [Fact]
    public void AnUnknownNameListsThoseThatCouldBeMeant()
    {
        string inside = Assert.Throws<UnknownLayerException>(() => LayerPath.Find(_network, "block.main.conv3")).Message, outside = Assert.Throws<UnknownLayerException>(() => LayerPath.Find(_network, "conv1")).Message;
        Assert.Contains("the network has block.main.conv1, block.main.bn1", inside, StringComparison.Ordinal);
        Assert.StartsWith("There is no layer 'conv1'; the network has conv0, block", outside, StringComparison.Ordinal);
        Assert.EndsWith(". A layer inside a block follows the block's name and a point, such as block.main.", outside, StringComparison.Ordinal);
        Assert.DoesNotContain("bn1", outside, StringComparison.Ordinal);
    }

    [Fact]
    public void TheReceptiveFieldFollowsTheWay()
    {
        Assert.Equal(new ReceptiveField(1, 0, 5), ReceptiveField.Of(LayerPath.Find(_network, "block.main.conv1").Through(_network)));
        Assert.Equal(new ReceptiveField(1, 0, 3), ReceptiveField.Of(LayerPath.Find(_network, "block.shortcut.project").Through(_network)));
    }

    // The layers in the order of the pass, by number: conv0, conv1, bn1, relu1, conv2, project.
    private float[] Run(float[] input, int[] way)
    {
        Layer[] all = [.. _network.Root.SelfAndDescendants().Where(layer => layer.Children.Count == 0)];
        Layer[] layers = [.. way.Select(i => Again(all[i]))];
        using var network = new Network(new Sequential(layers), _backend, seed: 9);
        Parameter[] from = [.. way.SelectMany(i => all[i].Parameters)];
        for (int i = 0; i < from.Length; i++) network.Parameters[i].Value.Upload(from[i].Value.ToArray());
        using NetworkPass pass = network.Plan(new Shape(2, 5, 6, 3), PassMode.Inference);
        pass.Input.Upload(input);
        pass.Forward();
        return pass.Output.ToArray();
    }

    private static Layer Again(Layer layer) => layer switch
    {
        Conv2d conv => new Conv2d(conv.InChannels, conv.OutChannels, conv.Geometry),
        BatchNorm => new BatchNorm(4),
        _ => new Relu(),
    };
}
