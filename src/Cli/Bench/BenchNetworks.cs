namespace IlgpuSpp.Cli.Bench;

/// <summary>The networks of the benchmarks.</summary>
internal static class BenchNetworks
{
    /// <summary>The network that a benchmark was asked for, with the size that it was made for.</summary>
    public static (Network Network, int Size) Of(BenchSetup setup)
    {
        if (setup.Model is { } path && !Zoo.Contains(path))
        {
            TrainedModel model = TrainedModel.Load(path, setup.Backend);
            return (model.Model.Network, model.Preparation.CropSize);
        }
        ZooEntry entry = Zoo.Find(setup.Model ?? "zf5");
        return (new Network(Zoo.Build(entry, new ModelOptions()), setup.Backend, seed: 1), entry.Size);
    }

    /// <summary>The convolutional part of ZF-5: everything in front of the pyramid.</summary>
    public static Network Zf5Convolutions(Backend backend)
    {
        Layer whole = Zoo.Build(Zoo.Find("zf5"), new ModelOptions());
        return new Network(new Sequential([.. whole.Children.TakeWhile(layer => layer is not SpatialPyramidPool)]), backend, seed: 1);
    }

    public static Network Small(Backend backend) => new(new Sequential(
        new Conv2d(3, 32, 3, pad: 1), new Relu(), new MaxPool2d(2),
        new Conv2d(32, 64, 3, pad: 1), new Relu(), new MaxPool2d(2),
        new Conv2d(64, 128, 3, pad: 1), new Relu(),
        new SpatialPyramidPool(1, 2, 4),
        new Linear(128 * 21, 256), new Relu(), new Linear(256, 10)), backend, seed: 1);
}
