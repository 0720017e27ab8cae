namespace IlgpuSpp.Detection.Tests;

public sealed class ProposalTableTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("proposal-table").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Windows_ComeByFileInTheOrderOfTheLines()
    {
        ProposalTable table = ProposalTable.Read(Csv("file,x1,y1,x2,y2\na/1.jpg,0,1,10,11\nb.jpg,3,3,3,3\na\\1.jpg,2.5,0,9,9\n"));
        Assert.Equal([new PixelBox(0, 1, 10, 11), new PixelBox(2.5, 0, 9, 9)], table.Find("a/1.jpg"));
        Assert.Equal([new PixelBox(3, 3, 3, 3)], table.Find("b.jpg"));
        Assert.Empty(table.Find("c.jpg"));
        Assert.Equal(["a/1.jpg", "b.jpg"], table.Files);
        Assert.Equal(3, table.Count);
    }

    [Fact]
    public void Scores_PutTheHighestFirst_EqualOnesAsTheyCome()
    {
        ProposalTable table = ProposalTable.Read(Csv("Score,X1,Y1,X2,Y2,File,note\n0.5,1,1,5,5,a,x\n2,2,2,5,5,a,y\n0.5,0,0,5,5,a,z\n"));
        Assert.Equal([2.0, 1.0, 0.0], table.Find("a").Select(b => b.Left));
    }

    [Fact]
    public void FirstPixelOne_IsTakenOff() =>
        Assert.Equal([new PixelBox(0, 0, 9, 19)], ProposalTable.Read(Csv("file,x1,y1,x2,y2\na,1,1,10,20\n"), firstPixel: 1).Find("a"));

    [Theory]
    [InlineData("file,x1,y1,x2,y2\na,1,1,2,2\na,1,oops,2,2\n", ", line 3: has 'oops' for 'y1'; it should be a number.")]
    [InlineData("file,x1,y1,x2,y2\na,1,1,2,NaN\n", ", line 2: has 'NaN' for 'y2'; it should be a number.")]
    [InlineData("file,x1,y1,x2,y2\na,1,1,2\n", ", line 2: has no value for 'y2'")]
    [InlineData("file,x1,y1,x2,y2\n,1,1,2,2\n", ", line 2: has no value for 'file'")]
    [InlineData("file,x1,y1,x2,y2\na,5,1,2,2\n", ", line 2: has a window that ends before it begins (x 5 to 2, y 1 to 2)")]
    [InlineData("file,x1,y1,x2,y2\na,-1,1,2,2\n", ", line 2: begins at (-1, 1), before the image's first pixel, which is 0")]
    [InlineData("file,x1,y1,x2,y2,score\na,1,1,2,2,high\n", ", line 2: has 'high' for 'score'")]
    [InlineData("file,x1,y1,x2\na,1,1,2\n", ": has no column 'y2'")]
    [InlineData("file,x1,y1,x2,y2\n", ": lists no windows")]
    [InlineData("", ": is empty")]
    public void MalformedTables_AreRefusedByLine(string text, string message)
    {
        string path = Csv(text);
        Assert.StartsWith(path + message, Assert.Throws<DatasetException>(() => ProposalTable.Read(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void MissingFile_IsRefused() => Assert.Throws<DatasetException>(() => ProposalTable.Read(Path.Combine(_folder, "none.csv")));

    [Fact]
    public void Written_IsReadAgain()
    {
        string path = Path.Combine(_folder, "out.csv");
        IReadOnlyList<PixelBox> boxes = [new(0, 0, 5, 5), new(1.25, 0, 7, 100.5)];
        ProposalTable.Write(path, [KeyValuePair.Create("with, comma.jpg", boxes)]);
        Assert.Equal(boxes, ProposalTable.Read(path).Find("with, comma.jpg"));
    }

    private string Csv(string text)
    {
        string path = Path.Combine(_folder, "proposals.csv");
        File.WriteAllText(path, text);
        return path;
    }
}
