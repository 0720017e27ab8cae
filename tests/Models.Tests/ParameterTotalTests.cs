using IlgpuSpp.Models;

namespace IlgpuSpp.Models.Tests;

/// <summary>Parameter totals and map sizes of the paper's networks, derived by hand from its Table 1.</summary>
public sealed class ParameterTotalTests
{
    [Theory]
    [InlineData("zf5", 62_357_608, 77_037_672, 56_066_152)]
    [InlineData("zf5-table1", 62_357_608, 77_037_672, 56_066_152)]
    [InlineData("convnet5", 62_378_344, 77_058_408, 56_086_888)]
    [InlineData("overfeat5", 102_908_520, 132_268_648, 90_325_608)]
    [InlineData("overfeat5-table1", 102_908_520, 132_268_648, 90_325_608)]
    [InlineData("overfeat7", 107_628_136, 136_988_264, 95_045_224)]
    [InlineData("overfeat7-table1", 107_628_136, 136_988_264, 95_045_224)]
    public void PaperNetworks_HaveThePublishedNumberOfParameters(string name, long without, long with50Bins, long with30Bins)
    {
        Assert.Equal(without, Total(name, []));
        Assert.Equal(with50Bins, Total(name, [1, 2, 3, 6]));
        Assert.Equal(with50Bins, Total(name, [6, 3, 2, 1]));
        Assert.Equal(with30Bins, Total(name, [4, 3, 2, 1]));
    }

    [Fact]
    public void Zf5_ConvolutionsHaveThePublishedNumberOfParameters()
    {
        var summary = Zoo.Build(Zoo.Find("zf5"), new ModelOptions()).Summary(224, 224);
        long[] expected = [14_208, 614_656, 885_120, 1_327_488, 884_992];
        Assert.Equal(expected, summary.Lines.Where(line => line.Name.StartsWith("conv", StringComparison.Ordinal)).Select(line => line.Parameters));
    }

    // Counted by hand: 3,552 + 38,464 + 55,392 + 83,040 + 55,360 in the convolutions of 24, 64, 96, 96 and 64 channels, then
    // 3,200 -> 1,024 -> 1,024 -> 1,000.
    [Fact]
    public void Width_MultipliesChannelsAndHiddenUnits()
    {
        Assert.Equal(5_588_232, Zoo.Build(Zoo.Find("zf5"), new ModelOptions { Width = 0.25 }).Summary(224, 224).Parameters);
        Assert.Equal(11_689_512, Zoo.Build(Zoo.Find("resnet18"), new ModelOptions { Pyramid = [], Width = 1 }).Summary(224, 224).Parameters);
        Assert.Throws<ArgumentException>(() => Zoo.Build(Zoo.Find("zf5"), new ModelOptions { Width = 0 }));
        Assert.Throws<ArgumentException>(() => Zoo.Build(Zoo.Find("zf5"), new ModelOptions { Width = double.NaN }));
    }

    // A layer's responses vary as deviation² × inputs: 0.01² × 64 at full width is 0.02² × 16 at a quarter.
    [Theory]
    [InlineData(1, 0.01, 0.01)]
    [InlineData(0.25, 0.01, 0.02)]
    public void Width_KeepsTheSizeOfResponsesAtTheStart(double width, double first, double second)
    {
        using var backend = new CpuBackend(new CpuOptions { Threads = 1 });
        using Model model = Zoo.Create("convnet5", new ModelOptions { Classes = 2, Width = width }, backend, seed: 3);
        Assert.InRange(Deviation("conv1"), 0.97 * first, 1.03 * first);
        Assert.InRange(Deviation("conv2"), 0.99 * second, 1.01 * second);

        double Deviation(string layer)
        {
            float[] values = model.Network.Root.Children.Single(child => child.Name == layer).Parameters[0].Value.ToArray();
            return Math.Sqrt(values.Average(value => (double)value * value));
        }
    }

    // torchvision.models.vgg16: 138,357,544; resnet18: 11,689,512.
    [Theory]
    [InlineData("vgg16", 138_357_544)]
    [InlineData("resnet18", 11_689_512)]
    public void PublishedNetworks_WithoutPyramid_HaveTheirPublishedNumberOfParameters(string name, long expected) =>
        Assert.Equal(expected, Total(name, []));

    [Theory]
    [InlineData("zf5", 224, new[] { 110, 55, 26, 13, 13, 13, 13 })]
    [InlineData("zf5", 180, new[] { 88, 44, 20, 10, 10, 10, 10 })]
    [InlineData("convnet5", 224, new[] { 55, 55, 27, 27, 13, 13, 13 })]
    [InlineData("convnet5", 180, new[] { 44, 44, 22, 22, 11, 11, 11 })]
    [InlineData("overfeat5", 224, new[] { 109, 37, 35, 18, 18, 18, 18 })]
    [InlineData("overfeat5", 180, new[] { 87, 29, 27, 14, 14, 14, 14 })]
    [InlineData("overfeat7", 224, new[] { 109, 37, 35, 18, 18, 18, 18, 18, 18 })]
    [InlineData("zf5-table1", 224, new[] { 110, 55, 27, 13, 13, 13, 13 })]
    [InlineData("zf5-table1", 180, new[] { 88, 44, 21, 10, 10, 10, 10 })]
    [InlineData("overfeat5-table1", 224, new[] { 109, 36, 36, 18, 18, 18, 18 })]
    [InlineData("overfeat5-table1", 180, new[] { 87, 29, 29, 14, 14, 14, 14 })]
    [InlineData("overfeat7-table1", 224, new[] { 109, 36, 36, 18, 18, 18, 18, 18, 18 })]
    public void PaperNetworks_HaveTheMapSizesOfTable1(string name, int side, int[] expected)
    {
        var summary = Zoo.Build(Zoo.Find(name), new ModelOptions()).Summary(side, side);
        var sides = summary.Lines
            .Where(line => line.Kind.StartsWith("Conv2d", StringComparison.Ordinal) || line.Kind.StartsWith("MaxPool2d", StringComparison.Ordinal))
            .Select(line => line.Output.Height);
        Assert.Equal(expected, sides);
    }

    [Theory]
    [InlineData(224, 13)]
    [InlineData(256, 15)]
    [InlineData(300, 17)]
    [InlineData(360, 21)]
    [InlineData(392, 23)]
    [InlineData(448, 27)]
    [InlineData(480, 29)]
    [InlineData(560, 34)]
    [InlineData(576, 35)]
    [InlineData(688, 42)]
    [InlineData(864, 53)]
    [InlineData(874, 53)]
    [InlineData(1200, 74)]
    public void Zf5_LastMapHasTheSizeOfTheReleasedNetwork(int side, int map)
    {
        var summary = Zoo.Build(Zoo.Find("zf5"), new ModelOptions()).Summary(side, side);
        Assert.Equal(map, summary.Lines.Single(line => line.Name == "conv5").Output.Height);
    }

    [Fact]
    public void EveryNetwork_NamesTheSmallestSizeThatWorks()
    {
        foreach (ZooEntry entry in Zoo.Entries)
        {
            Layer layers = Zoo.Build(entry, new ModelOptions { Classes = 10 });
            int smallest = layers.SmallestInput() ?? throw new InvalidOperationException(entry.Name);
            Assert.Equal(new Shape(1, 10), layers.OutputShape(new Shape(1, smallest, smallest, 3)));
            Assert.Throws<InputTooSmallException>(() => layers.OutputShape(new Shape(1, smallest - 1, smallest - 1, 3)));
            Assert.Equal(new Shape(2, 10), layers.OutputShape(new Shape(2, smallest + 37, smallest + 91, 3)));
        }
    }

    [Fact]
    public void WithoutPyramid_OnlyTheTrainingSizeFits()
    {
        foreach (ZooEntry entry in Zoo.Entries.Where(entry => entry.Name != "resnet18"))
        {
            Layer layers = Zoo.Build(entry, new ModelOptions { Classes = 10, Pyramid = [] });
            Assert.Equal(new Shape(1, 10), layers.OutputShape(new Shape(1, entry.Size, entry.Size, 3)));
            Assert.Throws<ShapeMismatchException>(() => layers.OutputShape(new Shape(1, entry.Size + 32, entry.Size + 32, 3)));
        }
    }

    private static long Total(string name, int[] levels)
    {
        ZooEntry entry = Zoo.Find(name);
        return Zoo.Build(entry, new ModelOptions { Pyramid = [.. levels] }).Summary(entry.Size, entry.Size).Parameters;
    }
}
