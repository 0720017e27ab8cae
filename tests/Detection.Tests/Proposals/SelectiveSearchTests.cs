namespace IlgpuSpp.Detection.Tests;

public sealed class SelectiveSearchTests
{
    private static readonly RgbImage Busy = DrawnImage.Busy(200, 150);

    [Fact]
    public void PlantedRectangles_AreProposed()
    {
        PixelBox[] planted = [new(20, 15, 79, 64), new(110, 30, 179, 129), new(30, 90, 89, 139)];
        RgbImage image = DrawnImage.Plain(200, 150, 60, 60, 60)
            .With(20, 15, 79, 64, 200, 40, 40).With(110, 30, 179, 129, 40, 180, 60).With(30, 90, 89, 139, 50, 60, 220).WithNoise(4);
        IReadOnlyList<PixelBox> boxes = new SelectiveSearch().Propose(image);
        foreach (PixelBox truth in planted) Assert.Contains(boxes, box => BoxOverlap.IntersectionOverUnion(box, truth) > 0.9);
    }

    [Fact]
    public void Windows_AreTheSameAtAnyThreadCount()
    {
        IReadOnlyList<PixelBox> one = Propose(SelectiveSearchOptions.Fast with { Threads = 1 });
        Assert.True(one.Count > 100);
        Assert.Equal(one, Propose(SelectiveSearchOptions.Fast with { Threads = 2 }));
        Assert.Equal(one, Propose(SelectiveSearchOptions.Fast with { Threads = 3 }));
    }

    [Fact]
    public void Windows_AreDifferentInsideTheImageAndLargeEnough()
    {
        IReadOnlyList<PixelBox> boxes = Propose(SelectiveSearchOptions.Fast);
        Assert.Equal(boxes.Count, boxes.Distinct().Count());
        Assert.All(boxes, box =>
        {
            Assert.InRange(box.Left, 0, box.Right);
            Assert.InRange(box.Top, 0, box.Bottom);
            Assert.InRange(box.Right - box.Left + 1, 20, 200);
            Assert.InRange(box.Bottom - box.Top + 1, 20, 150);
        });
        Assert.Contains(new PixelBox(0, 0, 199, 149), boxes);
    }

    [Fact]
    public void MinimumSide_OnlyRemoves()
    {
        IReadOnlyList<PixelBox> all = Propose(SelectiveSearchOptions.Fast with { MinimumSide = 1 });
        Assert.Equal(all.Where(b => b.Right - b.Left >= 19 && b.Bottom - b.Top >= 19), Propose(SelectiveSearchOptions.Fast));
    }

    [Fact]
    public void MaximumProposals_KeepsTheFirst() =>
        Assert.Equal(Propose(SelectiveSearchOptions.Fast).Take(50), Propose(SelectiveSearchOptions.Fast with { MaximumProposals = 50 }));

    [Fact]
    public void Seed_ChangesTheOrderNotTheWindows()
    {
        IReadOnlyList<PixelBox> first = Propose(SelectiveSearchOptions.Fast), second = Propose(SelectiveSearchOptions.Fast with { Seed = 9 });
        Assert.NotEqual(first, second);
        Assert.Equal(first.ToHashSet(), [.. second]);
    }

    [Fact]
    public void Quality_ProposesMoreThanFast() =>
        Assert.True(Propose(SelectiveSearchOptions.Quality).Count > 2 * Propose(SelectiveSearchOptions.Fast).Count);

    [Fact]
    public void LargeImages_AreSearchedSmallerAndTheirWindowsEnlarged()
    {
        RgbImage image = DrawnImage.Plain(900, 600, 60, 60, 60).With(300, 150, 599, 449, 200, 40, 40);
        IReadOnlyList<PixelBox> boxes = new SelectiveSearch(SelectiveSearchOptions.Fast with { LongestSide = 300 }).Propose(image);
        Assert.Contains(new PixelBox(0, 0, 899, 599), boxes);
        Assert.Contains(boxes, box => BoxOverlap.IntersectionOverUnion(box, new PixelBox(300, 150, 599, 449)) > 0.95);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 40)]
    [InlineData(3, 2)]
    public void TinyImages_GiveTheWholeImage(int width, int height) =>
        Assert.Equal([new PixelBox(0, 0, width - 1, height - 1)], new SelectiveSearch(new() { MinimumSide = 1 }).Propose(new RgbImage(width, height)));

    [Fact]
    public void BadOptions_AreNamed()
    {
        Assert.Equal("Scales", Assert.Throws<OptionsException>(() => new SelectiveSearch(new() { Scales = [50, 0] })).Option);
        Assert.Equal("ColourSpaces", Assert.Throws<OptionsException>(() => new SelectiveSearch(new() { ColourSpaces = [] })).Option);
        Assert.Equal("Similarities", Assert.Throws<OptionsException>(() => new SelectiveSearch(new() { Similarities = [RegionSimilarity.None] })).Option);
        Assert.Equal("Sigma", Assert.Throws<OptionsException>(() => new SelectiveSearch(new() { Sigma = double.NaN })).Option);
        Assert.Equal("MinimumSide", Assert.Throws<OptionsException>(() => new SelectiveSearch(new() { MinimumSide = 0 })).Option);
    }

    [Fact]
    public void Fingerprint_NamesTheOptionsButNotTheThreads()
    {
        string fast = new SelectiveSearch().Fingerprint;
        Assert.Equal(fast, new SelectiveSearch(SelectiveSearchOptions.Fast with { Threads = 3 }).Fingerprint);
        Assert.NotEqual(fast, new SelectiveSearch(SelectiveSearchOptions.Fast with { Seed = 1 }).Fingerprint);
        Assert.NotEqual(fast, new SelectiveSearch(SelectiveSearchOptions.Fast with { MinimumSize = 50 }).Fingerprint);
        Assert.NotEqual(fast, new SelectiveSearch(SelectiveSearchOptions.Quality).Fingerprint);
    }

    private static IReadOnlyList<PixelBox> Propose(SelectiveSearchOptions options) => new SelectiveSearch(options).Propose(Busy);
}
