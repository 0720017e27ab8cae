namespace IlgpuSpp.Detection.Tests;

public sealed class TableProposalsTests : IDisposable
{
    private static readonly RgbImage Any = new(1, 1);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private TableProposals Open(int most, params string[] rows) =>
        new(ProposalTable.Read(_folder.Write("t.csv", System.Text.Encoding.UTF8.GetBytes("file,x1,y1,x2,y2\n" + string.Join('\n', rows)))), most);

    [Theory]
    [InlineData("a.jpg", "a.jpg")]
    [InlineData("a.jpg", "a")]
    [InlineData("a", "a.png")]
    [InlineData("JPEGImages/a.jpg", "a")]
    [InlineData("a", "VOC2007/JPEGImages/a.jpg")]
    [InlineData("x/a.jpg", "y\\a.JPG")]
    [InlineData("2008.01", "2008.01")]
    public void ImagesAreFound(string inTable, string asked) =>
        Assert.Equal([new PixelBox(1, 2, 3, 4)], Open(0, $"{inTable},1,2,3,4", "b,5,6,7,8").Propose(Any, asked));

    [Fact]
    public void ExactNames_GoBeforeAlikeOnes()
    {
        TableProposals table = Open(0, "x/a.jpg,1,1,1,1", "y/a.jpg,2,2,2,2", "a.jpg,3,3,3,3", "a,4,4,4,4");
        Assert.Equal(1, Assert.Single(table.Propose(Any, "x/a.jpg")).Left);
        Assert.Equal(2, Assert.Single(table.Propose(Any, "y/a")).Left);
        Assert.Equal(3, Assert.Single(table.Propose(Any, "a.jpg")).Left);
        Assert.Equal(4, Assert.Single(table.Propose(Any, "a")).Left);
        string message = Assert.Throws<DatasetException>(() => table.Propose(Any, "z/a.jpg")).Message;
        Assert.Contains("'x/a.jpg'", message, StringComparison.Ordinal);
        Assert.Contains("'z/a.jpg'", message, StringComparison.Ordinal);
    }

    [Fact]
    public void ImagesWithoutWindows_AreNamed()
    {
        TableProposals table = Open(0, "a,1,2,3,4");
        table.Check(["a", "x/a.png"]);
        string message = Assert.Throws<DatasetException>(() => table.Check(["a", "b.jpg", "c.jpg"])).Message;
        Assert.Contains("t.csv", message, StringComparison.Ordinal);
        Assert.Contains("'b.jpg' and 1 more", message, StringComparison.Ordinal);
        Assert.Contains("'b.jpg';", Assert.Throws<DatasetException>(() => table.Propose(Any, "b.jpg")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void NamesThatDifferInTheirExtensionOnly_AreNotGuessed() =>
        Assert.Contains("'a.png'", Assert.Throws<DatasetException>(() => Open(0, "a.jpg,1,1,1,1", "a.png,2,2,2,2").Propose(Any, "a")).Message, StringComparison.Ordinal);

    [Fact]
    public void ImagesThatHaveNone_AreKnownAndWrittenAgain()
    {
        TableProposals table = Open(0, "a,1,2,3,4", "b,,,,");
        table.Check(["a", "b"]);
        Assert.Empty(table.Propose(Any, "b"));
        ProposalTable.Write(_folder["again.csv"], [new("a", [new PixelBox(1, 2, 3, 4)]), new("b", [])]);
        Assert.Equal(["a", "b"], ProposalTable.Read(_folder["again.csv"]).Files);
        Assert.Contains("x2", Assert.Throws<DatasetException>(() => Open(0, "a,1,2,,4")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void TheFirstWindowsAreTaken()
    {
        string[] rows = ["a,1,1,1,1", "a,2,2,2,2", "a,3,3,3,3"];
        Assert.Equal([1, 2], Open(2, rows).Propose(Any, "a").Select(box => box.Left));
        Assert.Equal(Open(2, rows).Fingerprint, Open(2, rows).Fingerprint);
        Assert.NotEqual(Open(2, rows).Fingerprint, Open(0, rows).Fingerprint);
        Assert.NotEqual(Open(2, rows).Fingerprint, Open(2, rows[0], rows[2]).Fingerprint);
    }
}
