using System.Runtime.InteropServices;
using System.Text;
using IlgpuSpp.Data.Imaging;
using IlgpuSpp.Layers;

namespace IlgpuSpp.Data.Tests;

/// <summary>Annotations as they are found in the wild: what is read all the same, and what is refused and how.</summary>
public sealed class AnnotationFaultTests : AnnotationTest
{
    // An image of 40x30 pixels, black but for the pixels of a box; orientation 1 to 8 in an eXIf chunk.
    private void Picture(string name, int orientation = 1, PixelBox? box = null)
    {
        var image = new RgbImage(40, 30);
        if (box is { } b)
            for (int y = (int)b.Top; y <= b.Bottom; y++)
                for (int x = (int)b.Left; x <= b.Right; x++)
                    image.Row(y)[3 * x] = 255;
        byte[] file = ImageWriter.Png(image), exif = [.. "eXIfII*\0"u8, 8, 0, 0, 0, 1, 0, 0x12, 0x01, 3, 0, 1, 0, 0, 0, (byte)orientation, 0, 0, 0, 0, 0, 0, 0];
        uint check = IlgpuSpp.Data.Imaging.Png.Crc32.Compute(exif);
        byte[] chunk = [0, 0, 0, (byte)(exif.Length - 4), .. exif, (byte)(check >> 24), (byte)(check >> 16), (byte)(check >> 8), (byte)check];
        _folder.Write(name, orientation == 1 ? file : [.. file[..33], .. chunk, .. file[33..]]);
    }

    private static string Voc(string content, int width = 40, int height = 30) => $"<annotation><size><width>{width}</width><height>{height}</height></size>{content}</annotation>";

    private static string Item(string box = "<xmin>3</xmin><ymin>5</ymin><xmax>10</xmax><ymax>9</ymax>", string more = "") => $"<object><name>dog</name>{more}<bndbox>{box}</bndbox></object>";

    private DetectionDataset OpenVoc(AnnotationOptions? options = null) => DetectionData.OpenAll(_folder.Root, options, _warnings);

    private DetectionDataset OpenFile(string name, string text, AnnotationOptions? options = null) => DetectionData.OpenAll(_folder.Text(name, text), options, _warnings);

    private string Refusal(Func<DetectionDataset> open)
    {
        string message = Assert.Throws<DatasetException>(open).Message;
        foreach (string word in (string[])["System.", "Exception", "BadDataFound", "XmlReaderSettings", "\n"]) Assert.DoesNotContain(word, message, StringComparison.Ordinal);
        return message;
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    public void BoxesOfTheStoredImageAreTurnedWithIt(int orientation)
    {
        var box = new PixelBox(2, 4, 9, 8);
        Picture("JPEGImages/a.png", orientation, box);
        _folder.Text("Annotations/a.xml", Voc(Item()));
        DetectionDataset data = OpenVoc(new AnnotationOptions { Boxes = BoxFrame.Raw });
        PixelBox turned = Assert.Single(data.Images[0].Objects).Box;
        RgbImage image = data.Load(0);
        Assert.Equal((image.Width, image.Height), (data.Images[0].Width, data.Images[0].Height));
        for (int y = 0; y < image.Height; y++)
            for (int x = 0; x < image.Width; x++)
                Assert.Equal(x >= turned.Left && x <= turned.Right && y >= turned.Top && y <= turned.Bottom, image.Row(y)[3 * x] == 255);
    }

    [Fact]
    public void TheAnnotatedSizeTellsTheFrame()
    {
        Picture("JPEGImages/a.png", 6);
        _folder.Text("Annotations/a.xml", Voc(Item()));
        Assert.Equal((30, 40), (OpenVoc().Images[0].Width, OpenVoc().Images[0].Height));
        Assert.Equal(new PixelBox(21, 2, 25, 9), OpenVoc().Images[0].Objects[0].Box);
        Assert.Empty(_warnings.Lines);
        string message = Refusal(() => OpenVoc(new AnnotationOptions { Boxes = BoxFrame.Upright }));
        Assert.Contains("30x40 pixels (40x30 as stored, turned by the EXIF orientation 6), but its annotation speaks of 40x30", message, StringComparison.Ordinal);

        _folder.Text("Annotations/a.xml", Voc(Item(), 30, 40));
        Assert.Equal(new PixelBox(2, 4, 9, 8), OpenVoc().Images[0].Objects[0].Box);
        // What turns without exchanging the sides is told by nothing but its neighbours.
        Picture("JPEGImages/b.png", 3);
        _folder.Text("Annotations/b.xml", Voc(Item()));
        Assert.Equal(new PixelBox(2, 4, 9, 8), OpenVoc().Images[1].Objects[0].Box);
        Assert.Contains("EXIF orientation, b the first", Assert.Single(_warnings.Lines), StringComparison.Ordinal);
        _folder.Text("Annotations/a.xml", Voc(Item()));
        Assert.Equal(new PixelBox(30, 21, 37, 25), OpenVoc().Images[1].Objects[0].Box);
    }

    [Fact]
    public void SizesThatAreNotTheImagesAreRefused()
    {
        Picture("JPEGImages/a.png");
        _folder.Text("Annotations/a.xml", Voc(Item(), 30, 40));
        Assert.Contains("a has 40x30 pixels, but its annotation speaks of 30x40, its sides exchanged", Refusal(() => OpenVoc()), StringComparison.Ordinal);
        for (int i = 0; i < 9; i++)
        {
            Picture($"JPEGImages/{i}.png");
            _folder.Text($"Annotations/{i}.xml", Voc(Item()));
        }
        Assert.DoesNotContain(OpenVoc().Images, image => image.Name == "a");
        Assert.Contains("speaks of 30x40, its sides exchanged; it is left out", Assert.Single(_warnings.Lines), StringComparison.Ordinal);
        Assert.Contains("40x30", Refusal(() => OpenFile("c.json", """{"images":[{"id":1,"file_name":"JPEGImages/a.png","width":41,"height":30}],"annotations":[],"categories":[]}""")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("6,0")]
    [InlineData("1,234")]
    [InlineData("(5)")]
    [InlineData("nan")]
    [InlineData("five")]
    public void OnlyNumbersAreNumbers(string value)
    {
        Picture("JPEGImages/a.png");
        _folder.Text("Annotations/a.xml", Voc("\n" + Item($"<xmin>{value}</xmin><ymin>5</ymin><xmax>10</xmax><ymax>9</ymax>")));
        string message = Refusal(() => OpenVoc());
        Assert.Contains("a.xml, line 2: has '" + value, message, StringComparison.Ordinal);
        Assert.Contains("line 2", Refusal(() => OpenFile("t.csv", $"file,class,x1,y1,x2,y2\nJPEGImages/a.png,dog,\"{value}\",1,5,5\n")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1", true)]
    [InlineData("True", true)]
    [InlineData("TRUE", true)]
    [InlineData("1.0", true)]
    [InlineData("yes", true)]
    [InlineData("0", false)]
    [InlineData("False", false)]
    [InlineData("0.0", false)]
    [InlineData("no", false)]
    [InlineData("", false)]
    [InlineData("2", null)]
    [InlineData("maybe", null)]
    public void FlagsAreReadAlike(string value, bool? difficult)
    {
        Picture("JPEGImages/a.png");
        _folder.Text("Annotations/a.xml", Voc(Item(more: $"<difficult>{value}</difficult>")));
        Func<DetectionDataset>[] opens =
        [
            () => OpenVoc(),
            () => OpenFile("t.csv", $"file,class,x1,y1,x2,y2,difficult\nJPEGImages/a.png,dog,3,5,10,9,{value}\n"),
        ];
        foreach (Func<DetectionDataset> open in opens)
        {
            if (difficult is null) Assert.Contains("it should be 0 or 1", Refusal(open), StringComparison.Ordinal);
            else Assert.Equal(difficult, open().Images[0].Objects[0].Difficult);
        }
    }

    [Fact]
    public void CocoScalarsAreReadAsToolsWriteThem()
    {
        Picture("a.png");
        const string Text = """
            {"images":[{"id":1.0,"file_name":"a.png","width":null,"height":"30"}],"categories":[{"id":"7","name":"dog"},{"id":3,"name":"cat"}],
             "annotations":[{"image_id":1,"category_id":7,"bbox":[2,4,8,5],"iscrowd":CROWD}]}
            """;
        foreach ((string flag, bool crowd) in new[] { ("true", true), ("false", false), ("null", false), ("1", true), ("0.0", false), ("\"1\"", true) })
        {
            DetectionDataset data = OpenFile("c.json", Text.Replace("CROWD", flag, StringComparison.Ordinal));
            Assert.Equal(["cat", "dog"], data.ClassNames);
            Assert.Equal(new AnnotatedObject(1, new PixelBox(2, 4, 9, 8), Crowd: crowd), Assert.Single(data.Images[0].Objects));
        }
        Assert.Contains("line 2: is not JSON in COCO's form at annotations[0].iscrowd", Refusal(() => OpenFile("c.json", Text.Replace("CROWD", "[]", StringComparison.Ordinal))), StringComparison.Ordinal);
    }

    [Fact]
    public void CocoIsFoundAsItIsPublished()
    {
        foreach (string folder in (string[])["train2017/sub", "elsewhere/sub"]) Picture(folder + "/a.png");
        const string Text = """{"images":[{"id":1,"file_name":"sub\\a.png","width":40,"height":30}],"annotations":[],"categories":[]}""";
        DetectionDataset data = OpenFile("annotations/instances_train2017.json", Text);
        Assert.Equal("sub/a.png", data.Images[0].Name);
        Assert.Equal(40, data.Load(0).Width);
        Assert.Contains("names no image that exists", Refusal(() => OpenFile("annotations/instances_val2017.json", Text)), StringComparison.Ordinal);
        Assert.Equal(40, OpenFile("annotations/instances_val2017.json", Text, new AnnotationOptions { Images = _folder["elsewhere"] }).Load(0).Width);
    }

    [Theory]
    [InlineData("c.json", """{"images":[{"id":1,"file_name":"1.png"},{"id":2,"file_name":"2.png"},{"id":3,"file_name":"3.png"}],"annotations":[],"categories":[{"id":1,"name":"x"}]}""")]
    [InlineData("c.csv", "file,class,x1,y1,x2,y2\n1.png\n2.png\n3.png\n")]
    public void MissingImagesAreToldInOneLine(string name, string text)
    {
        if (name.EndsWith(".csv", StringComparison.Ordinal)) text = text.Replace(".png\n", ".png,,,,,\n", StringComparison.Ordinal);
        var folder = new AnnotationOptions { Images = _folder["pictures"] };
        Assert.Contains("but there is no such folder; name the folder of the images", Refusal(() => OpenFile(name, text, folder)), StringComparison.Ordinal);
        Assert.Empty(_warnings.Lines);
        _folder.Write("pictures/2.png", ImageWriter.Png(new RgbImage(8, 6)));
        Assert.Single(OpenFile(name, text, folder).Images);
        Assert.Contains("2 of 3 images are not in", Assert.Single(_warnings.Lines), StringComparison.Ordinal);
    }

    [Fact]
    public void BoxesAreEnoughToScore()
    {
        var boxes = new AnnotationOptions { NeedImages = false };
        Assert.Equal(new PixelBox(2, 4, 9, 8), OpenFile("c.json", """{"images":[{"id":1,"file_name":"a.png"}],"annotations":[{"image_id":1,"category_id":1,"bbox":[2,4,8,5]}],"categories":[{"id":1,"name":"x"}]}""", boxes).Images[0].Objects[0].Box);
        Assert.Equal(new PixelBox(2, 4, 9, 8), OpenFile("t.csv", "file,class,x1,y1,x2,y2\na.png,x,3,5,10,9\n", boxes).Images[0].Objects[0].Box);
        _folder.Text("Annotations/a.xml", "<annotation>" + Item() + "</annotation>");
        Assert.Equal(new PixelBox(2, 4, 9, 8), OpenVoc(boxes).Images[0].Objects[0].Box);
        Assert.Empty(_warnings.Lines);
    }

    [Fact]
    public void RepeatedIdsAndNames()
    {
        Picture("a.png");
        Picture("b.png");
        Assert.Contains("two images with the id 5", Refusal(() => OpenFile("c.json", """{"images":[{"id":5,"file_name":"a.png"},{"id":"5","file_name":"b.png"}],"annotations":[],"categories":[]}""")), StringComparison.Ordinal);
        DetectionDataset data = OpenFile("c.json", """
            {"images":[{"id":5,"file_name":"a.png"}],"categories":[{"id":1,"name":"dog"},{"id":2,"name":"dog"}],
             "annotations":[{"image_id":5,"category_id":1,"bbox":[0,0,5,5]},{"image_id":5,"category_id":2,"bbox":[9,9,5,5]}]}
            """);
        Assert.Equal(["dog"], data.ClassNames);
        Assert.Equal([0, 0], data.Images[0].Objects.Select(item => item.Label));
        Assert.Contains("two categories are called 'dog'", Assert.Single(_warnings.Lines), StringComparison.Ordinal);
    }

    [Fact]
    public void LinesOfSetsAreWholeNames()
    {
        foreach (string name in (string[])["img", "img 0", "img (1)", "000", "2008.01"])
        {
            Picture($"JPEGImages/{name}.png");
            _folder.Text($"Annotations/{name}.xml", Voc(Item()));
        }
        _folder.Text("ImageSets/Main/train.txt", "img 0\nimg (1) -1\n000.jpg\n\n2008.01 1\nimg\n");
        Assert.Equal(["img 0", "img (1)", "000", "2008.01", "img"], OpenVoc(new AnnotationOptions { Set = "train" }).Images.Select(image => image.Name));
        Assert.Empty(_warnings.Lines);
    }

    [Fact]
    public void AnnotationsInOtherEncodingsAndWithDocumentTypesAreRead()
    {
        string text = "<annotation><filename>a.png</filename><object><name>狗</name><bndbox><xmin>3</xmin><ymin>5</ymin><xmax>10</xmax><ymax>9</ymax></bndbox></object></annotation>";
        Picture("JPEGImages/a.png");
        foreach ((string name, Encoding encoding, string letter) in new[] { ("gb2312", CodePagesEncodingProvider.Instance.GetEncoding("gb2312")!, "狗"), ("windows-1252", CodePagesEncodingProvider.Instance.GetEncoding(1252)!, "ß"), ("utf-16", Encoding.Unicode, "狗"), ("UTF-8", new UTF8Encoding(true), "狗") })
        {
            string whole = $"<?xml version=\"1.0\" encoding=\"{name}\"?>" + text.Replace("狗", letter, StringComparison.Ordinal);
            _folder.Write("Annotations/a.xml", [.. encoding.GetPreamble(), .. encoding.GetBytes(whole)]);
            Assert.Equal([letter], OpenVoc().ClassNames);
        }
        _folder.Text("Annotations/a.xml", "<?xml version=\"1.0\" encoding=\"klingon\"?>" + text);
        Assert.Contains("'klingon', which is not known", Refusal(() => OpenVoc()), StringComparison.Ordinal);
        _folder.Text("Annotations/a.xml", "<!DOCTYPE annotation SYSTEM \"file:///etc/passwd\" [<!ENTITY e SYSTEM \"file:///etc/passwd\">]>" + text);
        Assert.Equal(["狗"], OpenVoc().ClassNames);
        _folder.Text("Annotations/a.xml", "<!DOCTYPE annotation [<!ENTITY e SYSTEM \"file:///etc/passwd\">]>" + text.Replace("狗", "&e;", StringComparison.Ordinal));
        Assert.Contains("is not well-formed XML", Refusal(() => OpenVoc()), StringComparison.Ordinal);
    }

    [Fact]
    public void ImagesAreFoundUnderOtherNames()
    {
        Picture("JPEGImages/IMG_1.png");
        Picture("JPEGImages/two.PNG");
        Picture("JPEGImages/Three.Jpg");
        _folder.Text("Annotations/000001.xml", "<annotation><filename>C:\\photos\\IMG_1.png</filename></annotation>");
        _folder.Text("Annotations/two.xml", Voc(""));
        _folder.Text("Annotations/three.xml", Voc(""));
        DetectionDataset data = OpenVoc();
        Assert.Equal(["000001", "three", "two"], data.Images.Select(image => image.Name));
        for (int i = 0; i < 3; i++) Assert.Equal(40, data.Load(i).Width);
        Assert.Empty(_warnings.Lines);
    }

    [Fact]
    public void ObjectsWithoutABoxAreLeftOut()
    {
        Picture("JPEGImages/a.png");
        _folder.Text("Annotations/a.xml", Voc("<object><name>cat</name><polygon><x1>1</x1></polygon></object>\n" + Item()));
        Assert.Equal(["dog"], OpenVoc().ClassNames);
        Assert.Contains("a.xml, line 1: the object 'cat' has no <bndbox>", Assert.Single(_warnings.Lines), StringComparison.Ordinal);
        Assert.Equal(["cat", "dog"], OpenVoc(new AnnotationOptions { NeedBoxes = false }).ClassNames);
    }

    [Fact]
    public void DeepXmlIsRefused()
    {
        Picture("JPEGImages/a.png");
        _folder.Text("Annotations/a.xml", string.Concat(Enumerable.Repeat("<a>", 1_000_000)));
        Assert.Contains("nested more than", Refusal(() => OpenVoc()), StringComparison.Ordinal);
    }

    [Fact]
    public void PathsStayInTheDataFolder()
    {
        _folder.Text("secret.txt", "root:x:0:0\n");
        Picture("data/a.png");
        Picture("b.png");
        foreach (string outside in (string[])["../secret.txt", "..\\\\b.png", "/etc/passwd", "sub/../../b.png"])
        {
            string coco = $$"""{"images":[{"id":1,"file_name":"{{outside}}"}],"annotations":[],"categories":[]}""";
            string csv = $"file,class,x1,y1,x2,y2\n{outside.Replace("\\\\", "\\", StringComparison.Ordinal)},dog,1,1,5,5\n";
            foreach (string message in (string[])[Refusal(() => OpenFile("data/c.json", coco)), Refusal(() => OpenFile("data/t.csv", csv))])
            {
                Assert.Contains("outside the data folder", message, StringComparison.Ordinal);
                Assert.DoesNotContain("root:", message, StringComparison.Ordinal);
            }
        }
        Assert.Contains("line 2: names '../b.png'", Assert.Throws<DatasetException>(() => CsvManifest.Open(_folder.Text("data/m.csv", "file,class\n../b.png,x\n"))).Message, StringComparison.Ordinal);
        Assert.Equal("../b.png", OpenFile("data/t.csv", "file,class,x1,y1,x2,y2\n../b.png,dog,1,1,5,5\n", new AnnotationOptions { AllowOutside = true }).Images[0].Name);
        Assert.Equal("a.png", OpenFile("data/t.csv", "file,class,x1,y1,x2,y2\n./x/../a.png,dog,1,1,5,5\n").Images[0].Name);
    }

    [Theory]
    [InlineData("file,\"class\"x,x1,y1,x2,y2\na.png,dog,1,1,5,5\n", "line 1")]
    [InlineData("file,class,x1,y1,x2,y2\na \"x\".png,dog,1,1,5,5\n", "line 2")]
    [InlineData("file,class,x1,y1,x2,y2\na.png,dog,1,1,5,5\nb\0.png,dog,1,1,5,5\n", "line 3")]
    [InlineData("", "is empty")]
    [InlineData("file,class,x1\n", "no column 'y1'")]
    public void DamagedTablesAreRefusedWithTheLine(string text, string words)
    {
        Picture("a.png");
        Assert.Contains(words, Refusal(() => OpenFile("t.csv", text)), StringComparison.Ordinal);
    }

    [Fact]
    public void LongHeadersAreNotRepeated() => Assert.InRange(Refusal(() => OpenFile("t.csv", new string('x', 100_000) + "\n")).Length, 1, 400);

    [Fact]
    public void LinksThatLeadBackAreLeftOut()
    {
        foreach (string name in (string[])["set/a/1.png", "set/b/1.png"]) Picture(name);
        Directory.CreateSymbolicLink(_folder["set/all"], _folder["set"]);
        Directory.CreateSymbolicLink(_folder["set/above"], _folder.Root);
        Directory.CreateSymbolicLink(_folder["set/self"], _folder["set/self"]);
        Directory.CreateSymbolicLink(_folder["set/c"], Directory.CreateDirectory(_folder["apart"]).FullName);
        Picture("apart/1.png");
        ImageDataset data = ImageFolder.Open(_folder["set"], null, _warnings);
        Assert.Equal(["a", "b", "c"], data.ClassNames);
        Assert.Equal(2, _warnings.Lines.Count);
        Assert.All(_warnings.Lines, line => Assert.Contains("leads back", line, StringComparison.Ordinal));
    }

    [UnixFact]
    public void PipesAndEmptyFilesAreNamedAndNeverOpened()
    {
        foreach (string name in (string[])["set/a/1.png", "set/b/1.png"]) Picture(name);
        _folder.Text("set/a/empty.png", "");
        Assert.Equal(0, MakeFifo(_folder["set/a/pipe.jpg"], 0x180));
        Assert.Equal(0, MakeFifo(_folder["set/b/pipe"], 0x180));
        File.CreateSymbolicLink(_folder["set/b/link.png"], _folder["set/a/pipe.jpg"]);
        ImageDataset data = ImageFolder.Open(_folder["set"], null, _warnings);
        Assert.Equal(["a/1.png", "b/1.png"], data.Samples.Select(sample => sample.Name));
        Assert.Equal(3, _warnings.Lines.Count);
        Assert.Contains("no ordinary file", Assert.Throws<DataFormatException>(() => ImageDecoder.DecodeFile(_folder["set/a/pipe.jpg"])).Reason, StringComparison.Ordinal);
    }

    [DllImport("libc", EntryPoint = "mkfifo", CharSet = CharSet.Ansi)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int MakeFifo([MarshalAs(UnmanagedType.LPUTF8Str)] string path, uint mode);
}
