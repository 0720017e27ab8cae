using IlgpuSpp.Data.Imaging;

namespace IlgpuSpp.Data.Tests;

public sealed class SplitTests
{
    [Fact]
    public void Every_class_is_split_by_the_share()
    {
        DatasetSplit split = Set(100, 50, 10, 3, 2, 1).Split(0.7, seed: 5);
        Assert.Equal([70, 35, 7, 2, 1, 1], split.Train.CountPerClass());
        Assert.Equal([30, 15, 3, 1, 1, 0], split.Validation.CountPerClass());
        Assert.Empty(split.Train.Samples.Intersect(split.Validation.Samples));
        Assert.Equal(166, split.Train.Samples.Union(split.Validation.Samples).Count());
    }

    [Fact]
    public void The_same_seed_splits_alike_whatever_the_order_of_the_samples()
    {
        ImageDataset set = Set(40, 30);
        ImageDataset reversed = set.Subset(Enumerable.Range(0, set.Count).Reverse());
        DatasetSplit first = set.Split(0.5, 9), second = reversed.Split(0.5, 9), other = set.Split(0.5, 10);
        Assert.Equal(first.Train.Samples, second.Train.Samples);
        Assert.Equal(first.Validation.Samples, second.Validation.Samples);
        Assert.NotEqual(first.Train.Samples, other.Train.Samples);
    }

    [Fact]
    public void A_class_more_leaves_the_split_of_those_before_it()
    {
        string[] two = [.. Set(40, 30).Split(0.5, 9).Train.Samples.Select(s => s.Name)];
        string[] three = [.. Set(40, 30, 20).Split(0.5, 9).Train.Samples.Where(s => s.Label < 2).Select(s => s.Name)];
        Assert.Equal(two, three);
    }

    [Fact]
    public void Shares_outside_0_to_1_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Set(4, 4).Split(0, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Set(4, 4).Split(1, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Set(4, 4).Split(double.NaN, 1));
    }

    private static ImageDataset Set(params int[] perClass)
    {
        var samples = new List<ImageSample>();
        for (int label = 0; label < perClass.Length; label++)
        {
            for (int i = 0; i < perClass[label]; i++) samples.Add(new ImageSample($"class{label}/{i}.png", label, samples.Count));
        }
        var source = new MemoryImages([.. samples.Select(_ => new RgbImage(1, 1))]);
        return new ImageDataset("set", [.. perClass.Select((_, i) => $"class{i}")], source, samples);
    }
}
