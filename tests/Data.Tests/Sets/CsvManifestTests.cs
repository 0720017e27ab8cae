namespace IlgpuSpp.Data.Tests;

public sealed class CsvManifestTests : FolderTest
{
    public CsvManifestTests()
    {
        _folder.Image("images/a.png");
        _folder.Image("images/b.png");
        _folder.Image("images/c, d.png");
    }

    [Fact]
    public void Rows_are_samples_with_paths_relative_to_the_manifest()
    {
        ImageDataset set = Open("""
            note,File, CLASS ,split
            x,images/a.png,zebra,VAL
            y,images\b.png,ape,train

            z,"images/c, d.png",zebra,
            """);
        Assert.Equal(["ape", "zebra"], set.ClassNames);
        Assert.Equal(["images/a.png", "images/b.png", "images/c, d.png"], set.Samples.Select(s => s.Name));
        Assert.Equal([1, 0, 1], set.Samples.Select(s => s.Label));
        Assert.Equal([DatasetPart.Validation, DatasetPart.Train, DatasetPart.Unassigned], set.Samples.Select(s => s.Part));
        Assert.Equal(6, set.Load(2).Width);
    }

    [Fact]
    public void Refusals_are_one_line_however_long_and_odd_the_names()
    {
        string message = Assert.Throws<DatasetException>(() => Open("file,class,split\nimages/a.png,x,train\nimages/b.png,\"c\na\u0007t\",val\n")).Message;
        Assert.Contains("has the class 'c?a?t'", message, StringComparison.Ordinal);
        message = Assert.Throws<DatasetException>(() => Open($"file,class\n{new string('a', 5000)}.png,x\n")).Message;
        Assert.InRange(message.Length, 600, 1000);
        Assert.EndsWith("relative to the manifest's folder.", message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_split_column_is_followed()
    {
        DatasetSplit split = Open("file,class,split\nimages/a.png,x,train\nimages/b.png,y,train\nimages/c, d.png,x,val\n".Replace("images/c, d.png", "\"images/c, d.png\"", StringComparison.Ordinal)).Split(0.1, 3);
        Assert.Equal(["images/a.png", "images/b.png"], split.Train.Samples.Select(s => s.Name));
        Assert.Equal(["images/c, d.png"], split.Validation.Samples.Select(s => s.Name));
    }

    [Theory]
    [InlineData("", "is empty")]
    [InlineData("file,class\n", "lists no images")]
    [InlineData("path,class\nimages/a.png,x\n", "no column 'file'")]
    [InlineData("images/a.png,x\nimages/b.png,y\n", "no column 'file'")]
    [InlineData("file,label\nimages/a.png,x\n", "no column 'class'")]
    [InlineData("file,class\nimages/a.png,x\nimages/b.png,\n", "line 3: has no value for 'class'")]
    [InlineData("file,class\nimages/a.png,x\nimages/b.png\n", "line 3: has no value for 'class'")]
    [InlineData("file,class\nimages/a.png,x\n\nimages/gone.png,y\nimages/too.png,y\n", "line 4: names images/gone.png, which does not exist (2 files")]
    [InlineData("file,class\n\"images/a.png\",\"two\nlines\"\nimages/gone.png,y\n", "line 4: names images/gone.png")]
    [InlineData("file,class\nimages/a.png,x\nimages/../images/a.png,y\n", "line 3: lists images/a.png again after line 2")]
    [InlineData("file,class,split\nimages/a.png,x,train\nimages/b.png,y,dev\n", "line 3: has the split 'dev'")]
    [InlineData("file,class,split\nimages/a.png,x,train\nimages/b.png,y,val\n", "line 3: has the class 'y'")]
    [InlineData("file,class\nimages/a.png,x\nimages/b.png,x\n", "a single class, 'x'")]
    [InlineData("file,class\nimages/a.png,x\nimages/b.png,y\"z\"\n", "line 3: is not well-formed CSV")]
    public void Errors_name_the_line_and_what_is_wrong(string content, string reason)
    {
        var error = Assert.Throws<DatasetException>(() => Open(content));
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void A_missing_manifest_is_refused()
    {
        var error = Assert.Throws<DatasetException>(() => CsvManifest.Open(_folder["none.csv"]));
        Assert.Contains("no such file", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Images_outside_the_folder_are_read_on_request_for_both_parts()
    {
        string train = _folder.Text("lists/train.csv", "file,class\n../images/a.png,x\n../images/b.png,y\n"), held = _folder.Text("lists/val.csv", "file,class\n../images/a.png,y\n");
        var error = Assert.Throws<DatasetException>(() => DatasetSplit.Open(train, held, 0.8, 1));
        Assert.Contains("line 2: names '../images/a.png', which lies outside the data folder", error.Message, StringComparison.Ordinal);
        Assert.Contains("--allow-outside", error.Message, StringComparison.Ordinal);
        DatasetSplit split = DatasetSplit.Open(train, held, 0.8, 1, null, allowOutside: true);
        Assert.Equal([0, 1], split.Train.Samples.Select(s => s.Label));
        Assert.Equal([1], split.Validation.Samples.Select(s => s.Label));
        Assert.Equal(split.Train.Load(0).Width, split.Validation.Load(0).Width);
    }

    [Fact]
    public void A_class_name_with_a_line_break_is_refused()
    {
        var error = Assert.Throws<DatasetException>(() => Open("file,class\nimages/a.png,x\nimages/b.png,\"y\nz\"\n"));
        Assert.Contains("has the class 'y?z', whose name holds a line break", error.Message, StringComparison.Ordinal);
    }

    private ImageDataset Open(string content) => CsvManifest.Open(_folder.Text("list.csv", content));
}
