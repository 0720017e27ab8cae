namespace IlgpuSpp.Detection.Tests;

public sealed class ProposalCacheTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("proposal-cache").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(3)]
    [InlineData(3.25)]
    [InlineData(-1)]
    [InlineData(70000)]
    public void SecondTime_ComesFromTheFolderBitForBit(double left)
    {
        var method = new CountingMethod("m", [new(left, 0, 70001, 1 / 3.0 + 1), new(0, 0, 1, 1)]);
        IReadOnlyList<PixelBox> first = new ProposalCache(method, _folder).Propose(new RgbImage(4, 3));
        var again = new ProposalCache(method, _folder);
        Assert.Equal(first, again.Propose(new RgbImage(4, 3)));
        Assert.Equal(1, method.Calls);
        Assert.Equal((1, 0), (again.Hits, again.Misses));
    }

    [Fact]
    public void WholePixels_TakeEightBytesAWindow()
    {
        new ProposalCache(new CountingMethod("m", [.. Enumerable.Range(0, 100).Select(i => new PixelBox(i, 0, 500, 65535))]), _folder).Propose(new RgbImage(1, 1));
        Assert.Equal(16 + 100 * 8 + 32, new FileInfo(Assert.Single(Directory.GetFiles(_folder))).Length);
    }

    [Fact]
    public void OtherPixelsShapesAndOptions_AreOtherEntries()
    {
        var method = new CountingMethod("m", []);
        var cache = new ProposalCache(method, _folder);
        cache.Propose(new RgbImage(4, 3));
        cache.Propose(new RgbImage(3, 4));
        cache.Propose(DrawnImage.Plain(4, 3, 0, 0, 1));
        Assert.Equal(3, method.Calls);
        var other = new CountingMethod("n", []);
        new ProposalCache(other, _folder).Propose(new RgbImage(4, 3));
        Assert.Equal(1, other.Calls);
        Assert.Equal(4, Directory.GetFiles(_folder).Length);
    }

    [Fact]
    public void DamagedFiles_AreComputedAgain()
    {
        var method = new CountingMethod("m", [new(1, 2, 3, 4)]);
        var cache = new ProposalCache(method, _folder);
        cache.Propose(new RgbImage(4, 3));
        string path = Assert.Single(Directory.GetFiles(_folder));
        byte[] good = File.ReadAllBytes(path);
        for (int at = 0; at < good.Length; at += 3)
        {
            byte[] bad = [.. good];
            bad[at] ^= 0x10;
            File.WriteAllBytes(path, bad);
            Assert.Equal([new PixelBox(1, 2, 3, 4)], cache.Propose(new RgbImage(4, 3)));
            Assert.Equal(good, File.ReadAllBytes(path));
            File.WriteAllBytes(path, good[..at]);
            Assert.Equal([new PixelBox(1, 2, 3, 4)], cache.Propose(new RgbImage(4, 3)));
        }
        Assert.Equal(0, cache.Hits);
    }

    [Fact]
    public void Bound_DropsWhatWasUsedLeastRecently()
    {
        // 16 + 8 + 32 = 56 bytes a file; room for four. The bound is kept with a tenth to spare: the fifth leaves the two used last and itself.
        var method = new CountingMethod("m", [new(1, 2, 3, 4)]);
        var cache = new ProposalCache(method, _folder, maximumBytes: 4 * 56 + 10);
        for (int i = 1; i <= 4; i++)
        {
            cache.Propose(new RgbImage(i, 1));
            string newest = Directory.GetFiles(_folder).MaxBy(File.GetLastWriteTimeUtc)!;
            File.SetLastWriteTimeUtc(newest, DateTime.UtcNow.AddHours(i - 10));
        }
        cache.Propose(new RgbImage(1, 1));
        cache.Propose(new RgbImage(5, 1));
        Assert.True(new DirectoryInfo(_folder).GetFiles().Sum(f => f.Length) <= cache.MaximumBytes);
        int calls = method.Calls;
        cache.Propose(new RgbImage(1, 1));
        cache.Propose(new RgbImage(5, 1));
        Assert.Equal(calls, method.Calls);
        cache.Propose(new RgbImage(2, 1));
        Assert.Equal(calls + 1, method.Calls);
    }

    [Fact]
    public void FolderThatVanished_CostsTimeNotResults()
    {
        var method = new CountingMethod("m", [new(1, 2, 3, 4)]);
        string folder = Path.Combine(_folder, "inner");
        var cache = new ProposalCache(method, folder);
        Directory.Delete(folder);
        Assert.Equal([new PixelBox(1, 2, 3, 4)], cache.Propose(new RgbImage(2, 2)));
        Assert.Equal([new PixelBox(1, 2, 3, 4)], cache.Propose(new RgbImage(2, 2)));
        Assert.Equal(2, method.Calls);
    }

    private sealed class CountingMethod(string name, PixelBox[] boxes) : IProposalMethod
    {
        public string Name => name;

        public int Calls { get; private set; }

        public IReadOnlyList<PixelBox> Propose(RgbImage image, string file = "")
        {
            Calls++;
            return boxes;
        }
    }
}
