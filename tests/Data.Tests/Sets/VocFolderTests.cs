using IlgpuSpp.Data.Imaging;
using IlgpuSpp.Layers;

namespace IlgpuSpp.Data.Tests;

/// <summary>VOC folders, whole and damaged.</summary>
public sealed class VocFolderTests : AnnotationTest
{
    private static string Object(string name, string xmin, string ymin, string xmax, string ymax, string more = "") =>
        $"<object><name>{name}</name>{more}<bndbox><xmin>{xmin}</xmin><ymin>{ymin}</ymin><xmax>{xmax}</xmax><ymax>{ymax}</ymax></bndbox></object>";

    private void Annotate(string name, params string[] objects) => Annotate(name, "<size><width>40</width><height>30</height><depth>3</depth></size>", objects);

    private void Annotate(string name, string size, string[] objects, bool image = true)
    {
        if (image) _folder.Write($"JPEGImages/{name}.png", ImageWriter.Png(new RgbImage(40, 30)));
        _folder.Write($"Annotations/{name}.xml", System.Text.Encoding.UTF8.GetBytes($"<annotation><filename>{name}.png</filename>{size}{string.Concat(objects)}</annotation>"));
    }

    private DetectionDataset Open(string? set = null, bool needImages = true) => DetectionData.OpenAll(_folder.Root, new AnnotationOptions { Set = set, NeedImages = needImages }, _warnings);

    [Fact]
    public void ReadsObjects()
    {
        Annotate("b", Object("dog", "1", "2", "40", "30", "<truncated>1</truncated><difficult>0</difficult>"), Object("cat", "5", "6", "7", "8", "<difficult>1</difficult><part><name>head</name></part>"));
        Annotate("a");
        DetectionDataset data = Open();
        Assert.Equal(["cat", "dog"], data.ClassNames);
        Assert.Equal(["a", "b"], data.Images.Select(image => image.Name));
        Assert.Empty(data.Images[0].Objects);
        Assert.Equal(
            [new AnnotatedObject(1, new PixelBox(0, 1, 39, 29), Truncated: true), new AnnotatedObject(0, new PixelBox(4, 5, 6, 7), Difficult: true)],
            data.Images[1].Objects);
        Assert.Equal((40, 30), (data.Load(1).Width, data.Load(1).Height));
        Assert.Empty(_warnings.Lines);
    }

    [Fact]
    public void MendsBoxes()
    {
        // Out of the image, outside altogether, of negative size, of one pixel, drawn to the edge of the continuous image.
        Annotate("a", Object("x", "-4", "1", "99", "31"), Object("x", "50", "1", "60", "9"), Object("x", "9", "9", "5", "20"), Object("x", "7", "7", "7", "7"), Object("x", "0.5", "0.5", "40.5", "30.5"));
        Assert.Equal(
            [new PixelBox(0, 0, 39, 29), new PixelBox(6, 6, 6, 6), new PixelBox(0, 0, 39, 29)],
            Open().Images[0].Objects.Select(item => item.Box));
        Assert.Equal(3, _warnings.Lines.Count);
        Assert.Contains("clipped", _warnings.Lines[0], StringComparison.Ordinal);
        Assert.Contains("outside", _warnings.Lines[1], StringComparison.Ordinal);
        Assert.Contains("no pixels", _warnings.Lines[2], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("<size><width>0</width><height>0</height></size>")]
    [InlineData("<size><width>40</width></size>")]
    public void MissingSizesComeFromTheImage(string size)
    {
        Annotate("a", size, [Object("x", "1", "1", "9", "9")]);
        Assert.Equal((40, 30), (Open().Images[0].Width, Open().Images[0].Height));
    }

    [Fact]
    public void ImagesAndAnnotationsThatLackEachOther()
    {
        Annotate("a", Object("x", "1", "1", "9", "9"));
        Annotate("b", "<size><width>40</width><height>30</height></size>", [Object("x", "1", "1", "9", "9")], image: false);
        _folder.Write("JPEGImages/c.png", ImageWriter.Png(new RgbImage(4, 3)));
        Assert.Single(Open().Images);
        Assert.Contains(_warnings.Lines, line => line.Contains("annotation of b", StringComparison.Ordinal));
        Assert.Contains(_warnings.Lines, line => line.Contains("c.png", StringComparison.Ordinal));
        // To score, annotations are enough.
        Assert.Equal(2, Open(needImages: false).Images.Count);

        _folder.Write("ImageSets/Main/test.txt", "c\na  1\n\na -1\n"u8.ToArray());
        _warnings.Lines.Clear();
        Assert.Equal("a", Assert.Single(Open("test").Images).Name);
        Assert.Contains("c has no annotation", Assert.Single(_warnings.Lines), StringComparison.Ordinal);
    }

    [Fact]
    public void RefusesWhatIsNoDataSet()
    {
        Assert.Contains("no folder Annotations", Assert.Throws<DatasetException>(() => Open()).Message, StringComparison.Ordinal);
        Directory.CreateDirectory(_folder["Annotations"]);
        Assert.Contains("no annotated images", Assert.Throws<DatasetException>(() => Open()).Message, StringComparison.Ordinal);
        Annotate("a");
        _folder.Write("ImageSets/Main/train.txt", "a\n"u8.ToArray());
        Assert.Contains("there are train", Assert.Throws<DatasetException>(() => Open("test")).Message, StringComparison.Ordinal);
        _folder.Write("Annotations/a.xml", "<annotation><object>"u8.ToArray());
        Assert.Contains("a.xml", Assert.Throws<DatasetException>(() => Open()).Message, StringComparison.Ordinal);
        Annotate("a", Object("x", "1", "", "9", "9"));
        Assert.Contains("ymin", Assert.Throws<DatasetException>(() => Open()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void OtherClassesAreLeftOut()
    {
        Annotate("a", Object("x", "1", "1", "9", "9"), Object("y", "1", "1", "5", "5"));
        DetectionDataset data = Open().WithClasses(["z", "y"], _warnings);
        Assert.Equal(1, Assert.Single(data.Images[0].Objects).Label);
        Assert.Contains("'x'", Assert.Single(_warnings.Lines), StringComparison.Ordinal);
    }

    [Fact]
    public void ShapesAreWrittenAsAVocFolder()
    {
        ShapesScenes.WriteVoc(_folder.Root, train: 3, test: 2, seed: 5);
        (DetectionDataset train, DetectionDataset test) = ShapesScenes.Create(3, 2, seed: 5);
        foreach ((DetectionDataset drawn, DetectionDataset read) in new[] { (train, DetectionData.OpenTraining(_folder.Root, null, _warnings)), (test, DetectionData.OpenTest(_folder.Root, null, _warnings)) })
        {
            DetectionDataset same = read.WithClasses(drawn.ClassNames);
            Assert.Equal(drawn.Fingerprint(), same.Fingerprint());
            Assert.Equal(drawn.Load(0).Pixels, same.Load(0).Pixels);
            Assert.All(same.Images, image => Assert.NotEmpty(image.Objects));
        }
        Assert.Empty(_warnings.Lines);
    }

    [Fact]
    public void SplitIsSeededAndWhole()
    {
        (DetectionDataset all, _) = ShapesScenes.Create(20, 1);
        (DetectionDataset a, DetectionDataset b) = all.Split(0.25, seed: 3);
        Assert.Equal((15, 5), (a.Images.Count, b.Images.Count));
        Assert.Equal(all.Images.Select(i => i.Name).Order(StringComparer.Ordinal), a.Images.Concat(b.Images).Select(i => i.Name).Order(StringComparer.Ordinal));
        Assert.Equal(b.Fingerprint(), all.Split(0.25, seed: 3).HeldOut.Fingerprint());
        Assert.NotEqual(b.Fingerprint(), all.Split(0.25, seed: 4).HeldOut.Fingerprint());
    }
}
