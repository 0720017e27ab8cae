using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using IlgpuSpp.Data.Imaging;
using IlgpuSpp.Layers;

namespace IlgpuSpp.Data.Tests;

/// <summary>Data sets in archives: read as the folders that they were made of, or refused in a line.</summary>
public sealed class ArchiveTests : AnnotationTest
{
    private static readonly byte[] Picture = ImageWriter.Png(new RgbImage(8, 6));

    private string Zip(string name, params (string Name, byte[] Content)[] files)
    {
        using var archive = new ZipArchive(File.Create(_folder[name]), ZipArchiveMode.Create);
        foreach ((string file, byte[] content) in files)
        {
            using Stream entry = archive.CreateEntry(file).Open();
            entry.Write(content);
        }
        return _folder[name];
    }

    private string Tar(string name, params (string Name, byte[] Content)[] files)
    {
        using var archive = new TarWriter(File.Create(_folder[name]));
        foreach ((string file, byte[] content) in files) archive.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, file) { DataStream = new MemoryStream(content) });
        return _folder[name];
    }

    private string Make(string kind, params (string Name, byte[] Content)[] files) => kind == "zip" ? Zip("set.zip", files) : Tar("set.tar", files);

    private static byte[] Grey(byte level)
    {
        var image = new RgbImage(6, 5);
        Array.Fill(image.Pixels, level);
        return ImageWriter.Png(image);
    }

    [Theory]
    [InlineData("zip", "")]
    [InlineData("zip", "photos/")]
    [InlineData("tar", "")]
    [InlineData("tar", "./photos/")]
    public void ClassFolders_AreReadInPlace(string kind, string above)
    {
        string path = Make(kind, (above + "dog/b.png", Grey(3)), (above + "cat/a.png", Grey(1)), (above + "cat/below/unnamed", Grey(2)), (above + "cat/.hidden.png", Grey(9)), (above + "dog/notes.txt", [65]), (above + "cat/empty.jpg", []));
        string[] before = Directory.GetFileSystemEntries(_folder.Root);
        ImageDataset set = ImageDataset.Open(path, _warnings);
        Assert.Equal(["cat", "dog"], set.ClassNames);
        Assert.Equal(["cat/a.png", "cat/below/unnamed", "dog/b.png"], set.Samples.Select(sample => sample.Name));
        Assert.Equal([1, 2, 3], Enumerable.Range(0, 3).Select(i => (int)set.Load(i).Pixels[0]));
        Assert.Contains("empty.jpg is empty", Assert.Single(_warnings.Lines), StringComparison.Ordinal);
        Assert.Equal(before, Directory.GetFileSystemEntries(_folder.Root));
    }

    [Fact]
    public void PathsGoOnIntoAnArchive()
    {
        string path = Zip("set.zip", ("train/cat/a.png", Grey(1)), ("train/dog/b.png", Grey(2)), ("list.csv", Encoding.UTF8.GetBytes("file,class\ntrain/cat/a.png,x\ntrain/dog/b.png,y\n")), ("boxes.csv", Encoding.UTF8.GetBytes("file,class,x1,y1,x2,y2\ntrain/cat/a.png,x,1,2,3,4\n")));
        Assert.Equal(["cat", "dog"], ImageDataset.Open(Path.Combine(path, "train")).ClassNames);
        Assert.Equal(["x", "y"], ImageDataset.Open(Path.Combine(path, "list.csv")).ClassNames);
        DetectionDataset boxes = DetectionData.OpenAll(Path.Combine(path, "boxes.csv"));
        Assert.Equal([new AnnotatedObject(0, new PixelBox(0, 1, 2, 3))], Assert.Single(boxes.Images).Objects);
        Assert.Equal(1, boxes.Load(0).Pixels[0]);
    }

    [Fact]
    public void ImagesMayLieInAnotherArchiveThanTheirBoxes()
    {
        Zip("pictures.zip", ("a.png", Grey(7)));
        string boxes = _folder.Text("boxes.csv", "file,class,x1,y1,x2,y2\na.png,x,1,2,3,4\n");
        Assert.Equal(7, DetectionData.OpenAll(boxes, new AnnotationOptions { Images = _folder["pictures.zip"] }).Load(0).Pixels[0]);
    }

    [Theory]
    [InlineData("zip")]
    [InlineData("tar")]
    public async Task ImagesAreReadByManyThreads(string kind)
    {
        ImageDataset set = ImageDataset.Open(Make(kind, [.. Enumerable.Range(0, 40).Select(i => ($"{(i < 20 ? "a" : "b")}/{i:D2}.png", Grey((byte)i)))]));
        int[] read = await Task.WhenAll(Enumerable.Range(0, 400).Select(i => Task.Run(() => (int)set.Load(i % 40).Pixels[0])));
        Assert.Equal(Enumerable.Range(0, 400).Select(i => i % 40), read);
    }

    [Theory]
    [InlineData("../evil.png")]
    [InlineData("cat/../../evil.png")]
    [InlineData("/etc/evil.png")]
    [InlineData("C:\\evil.png")]
    [InlineData("..\\evil.png")]
    public void NamesThatLeadOut_AreRefused(string name)
    {
        foreach (string kind in (string[])["zip", "tar"])
        {
            string path = Make(kind, ("cat/a.png", Picture), (name, Picture), ("dog/a.png", Picture));
            Assert.Contains("leads out", Assert.Throws<DatasetException>(() => ImageDataset.Open(path)).Message, StringComparison.Ordinal);
            Assert.Contains("leads out", Assert.Throws<DatasetException>(() => DetectionData.OpenAll(path)).Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("zip")]
    [InlineData("tar")]
    public void ArchivesCutShort_AreRefused(string kind)
    {
        string path = Make(kind, ("cat/a.png", Picture), ("cat/b.png", Picture), ("dog/a.png", Picture));
        byte[] whole = File.ReadAllBytes(path);
        // The file's end is the archive's directory, or the two empty blocks of a tar, of which one is enough.
        for (int length = 0; length < whole.Length - (kind == "zip" ? 0 : 512); length += 61)
        {
            File.WriteAllBytes(path, whole[..length]);
            Assert.Contains("no whole", Assert.Throws<DatasetException>(() => ImageDataset.Open(path)).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Bombs_AreRefusedBeforeTheyAreUnpacked()
    {
        string path = Zip("bomb.zip", [.. Enumerable.Range(0, 5).Select(i => ($"cat/{i}.png", new byte[20_000_000]))]);
        Assert.Contains("200 times its size", Assert.Throws<DatasetException>(() => ImageDataset.Open(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void DamageInsideAnArchive_IsTheFilesOwn()
    {
        string path = Zip("set.zip", ("cat/a.png", Picture), ("dog/a.png", Picture));
        byte[] bytes = File.ReadAllBytes(path);
        bytes[60] ^= 0x10;
        File.WriteAllBytes(path, bytes);
        ImageDataset set = ImageDataset.Open(path);
        DataFormatException error = Assert.Throws<DataFormatException>(() => set.Load(0));
        Assert.Contains(Path.Combine("set.zip", "cat", "a.png"), error.Message, StringComparison.Ordinal);
        Assert.Equal(8, set.Load(1).Width);
    }

    [Fact]
    public void PackedTars_AreRefusedWithWhatToDo()
    {
        string path = _folder.Write("set.tar.gz", [0x1F, 0x8B, 8]);
        foreach (Action open in (Action[])[() => ImageDataset.Open(path), () => DetectionData.OpenAll(path)])
            Assert.Contains("unpack it", Assert.Throws<DatasetException>(open).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void LaterFilesOfATar_TakeThePlaceOfEarlierOnes_AndLinksAreLeftOut()
    {
        using (var archive = new TarWriter(File.Create(_folder["set.tar"])))
        {
            foreach ((string name, byte level) in new (string, byte)[] { ("cat/a.png", 1), ("dog/a.png", 2), ("cat/a.png", 3) })
                archive.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(Grey(level)) });
            archive.WriteEntry(new UstarTarEntry(TarEntryType.SymbolicLink, "dog/b.png") { LinkName = "/etc/passwd" });
        }
        ImageDataset set = ImageDataset.Open(_folder["set.tar"], _warnings);
        Assert.Equal([3, 2], Enumerable.Range(0, 2).Select(i => (int)set.Load(i).Pixels[0]));
        Assert.Contains("dog/b.png", Assert.Single(_warnings.Lines), StringComparison.Ordinal);
    }
}
