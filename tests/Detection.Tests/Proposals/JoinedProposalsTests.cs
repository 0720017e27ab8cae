namespace IlgpuSpp.Detection.Tests;

public sealed class JoinedProposalsTests
{
    private static readonly SelectiveSearch s_search = new(SelectiveSearchOptions.Fast with { MaximumProposals = 60, MinimumSide = 12, Threads = 1 });
    private static readonly EdgeBoxes s_edges = new(new EdgeBoxesOptions { MaximumProposals = 40, MinimumArea = 144 });

    [Fact]
    public void WindowsTakeTurns_AndEqualOnesCountOnce()
    {
        var joined = new JoinedProposals([new Fixed("a", 1, 2, 3, 4, 5), new Fixed("b", 2, 6), new Fixed("c", 7, 1, 8)]);
        Assert.Equal([1, 2, 7, 6, 3, 8, 4, 5], joined.Propose(new RgbImage(1, 1)).Select(box => (int)box.Left));
        Assert.Equal(("a and b and c", "a + b + c"), (joined.Name, joined.Fingerprint));
        Assert.Empty(new JoinedProposals([new Fixed("a"), new Fixed("b")]).Propose(new RgbImage(1, 1)));
        Assert.Throws<ArgumentException>(() => new JoinedProposals([]));
    }

    [Fact]
    public void OnDrawnScenes_TheyAreThoseOfBothAndCoverAsManyObjects()
    {
        DetectionDataset scenes = ShapesScenes.Create(6, 1).Train;
        var joined = new JoinedProposals([s_search, s_edges]);
        ProposalRecall both = new(), search = new(), edges = new();
        for (int i = 0; i < scenes.Images.Count; i++)
        {
            RgbImage image = scenes.Load(i);
            IReadOnlyList<PixelBox> found = joined.Propose(image), first = s_search.Propose(image), second = s_edges.Propose(image);
            Assert.Equal(found.Count, found.Distinct().Count());
            Assert.Equal(first.Union(second).ToHashSet(), [.. found]);
            Assert.Equal([first[0], second[0]], found.Take(2));
            Assert.Equal(found, joined.Propose(image));
            PixelBox[] objects = [.. scenes.Images[i].Objects.Select(item => item.Box)];
            both.Add(found, objects);
            search.Add(first, objects);
            edges.Add(second, objects);
        }
        Assert.True(both.At(0.7) >= Math.Max(search.At(0.7), edges.At(0.7)));
    }

    [Fact]
    public void EveryMethodIsAskedWhetherItHasTheImages() =>
        Assert.Throws<DatasetException>(() => new JoinedProposals([s_search, new Refusing()]).Check(["a"]));

    private sealed class Fixed(string name, params int[] lefts) : IProposalMethod
    {
        public string Name => name;

        public IReadOnlyList<PixelBox> Propose(RgbImage image, string file = "") => [.. lefts.Select(left => new PixelBox(left, 0, left, 0))];
    }

    private sealed class Refusing : IProposalMethod
    {
        public string Name => "refusing";

        public void Check(IReadOnlyList<string> files) => throw new DatasetException("set", "has no windows.");

        public IReadOnlyList<PixelBox> Propose(RgbImage image, string file = "") => [];
    }
}
