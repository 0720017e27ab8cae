using IlgpuSpp.Data.Imaging;
using IlgpuSpp.Layers;

namespace IlgpuSpp.Data.Tests;

/// <summary>Conversions between all formats that hold boxes keep boxes and classes, and the flags that both know.</summary>
public sealed class DetectionConversionTests : AnnotationTest
{
    private const string Table = """"
        file,class,x1,y1,x2,y2,difficult,crowd,truncated
        a.png,dog,1,1,40,30,0,0,0
        a.png,big cat,3,4,21,17,1,0,0
        a.png,dog,7,9,7,9,0,0,1
        sub/a.png,"a, ""b"" é",2,3,11,8.5,1,0,1
        sub/a.png,dog,1,1,13,9,0,1,0
        b.png,,,,,,,,

        """";

    public static TheoryData<BoxFormat, BoxFormat> Pairs
    {
        get
        {
            var pairs = new TheoryData<BoxFormat, BoxFormat>();
            foreach (BoxFormat first in Enum.GetValues<BoxFormat>())
                foreach (BoxFormat second in Enum.GetValues<BoxFormat>()) pairs.Add(first, second);
            return pairs;
        }
    }

    private DetectionDataset Source()
    {
        _folder.Image("a.png", 40, 30);
        _folder.Image("sub/a.png", 13, 9, grey: 7);
        _folder.Image("b.png", 5, 5, grey: 9);
        return DetectionData.OpenAll(_folder.Text("boxes.csv", Table), null, _warnings);
    }

    // What an object is after it has gone through a format; null where it is left out.
    private static AnnotatedObject? Through(BoxFormat format, AnnotatedObject item) => format switch
    {
        BoxFormat.Voc => item with { Difficult = item.Ignored, Crowd = false },
        BoxFormat.Yolo => item.Crowd ? null : item with { Difficult = false, Truncated = false },
        _ => item,
    };

    [Theory]
    [MemberData(nameof(Pairs))]
    public void RoundTrips(BoxFormat first, BoxFormat second)
    {
        DetectionDataset data = Source();
        var expected = data.Images.Select(image => image.Objects.ToList()).ToList();
        foreach ((BoxFormat format, string folder) in new[] { (first, "first"), (second, "second") })
        {
            ConversionResult written = DetectionConversion.Write(data, format, _folder[folder]);
            Assert.Equal(3, written.Images);
            data = DetectionData.OpenAll(Assert.Single(written.Paths), null, _warnings);
            expected = [.. expected.Select(objects => objects.Select(item => Through(format, item)).OfType<AnnotatedObject>().ToList())];
        }
        Assert.Empty(_warnings.Lines);
        // Formats order images and classes in ways of their own; the images differ in width.
        ILookup<int, AnnotatedImage> byWidth = data.Images.ToLookup(image => image.Width);
        string[] classes = ["a, \"b\" é", "big cat", "dog"];
        Assert.Equal(classes, data.ClassNames.Order(StringComparer.Ordinal));
        foreach ((int width, List<AnnotatedObject> objects) in new[] { (40, expected[0]), (13, expected[1]), (5, expected[2]) })
        {
            AnnotatedImage image = Assert.Single(byWidth[width]);
            Assert.Equal(objects, image.Objects.Select(item => item with { Label = Array.IndexOf(classes, data.ClassNames[item.Label]) }));
            int index = data.Images.ToList().IndexOf(image);
            Assert.Equal(width switch { 40 => 100, 13 => 7, _ => 9 }, data.Load(index).Pixels[0]);
        }
    }

    [Fact]
    public void WhatAFormatHasNoWordFor_IsCounted()
    {
        DetectionDataset data = Source();
        string[] Losses(BoxFormat format) => [.. DetectionConversion.Write(data, format, _folder[format.ToString()]).Losses];
        Assert.Equal("1 crowds are written as difficult objects", Assert.Single(Losses(BoxFormat.Voc))[..41]);
        Assert.Equal(["2 difficult", "2 truncated"], Losses(BoxFormat.Coco).Select(loss => loss[..11]));
        Assert.Equal(["1 crowds ar", "2 difficult", "2 truncated"], Losses(BoxFormat.Yolo).Select(loss => loss[..11]));
        Assert.Empty(Losses(BoxFormat.Csv));
    }

    [Fact]
    public void SetsAreKept()
    {
        foreach (string name in (string[])["a", "b", "c"])
        {
            _folder.Image($"voc/JPEGImages/{name}.png");
            _folder.Text($"voc/Annotations/{name}.xml", "<annotation><object><name>dog</name><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>2</xmax><ymax>2</ymax></bndbox></object></annotation>");
        }
        _folder.Text("voc/ImageSets/Main/train.txt", "a\n");
        _folder.Text("voc/ImageSets/Main/trainval.txt", "a\nb\n");
        _folder.Text("voc/ImageSets/Main/test.txt", "c\n");
        DetectionDataset data = DetectionData.OpenAll(_folder["voc"]);
        string yolo = Assert.Single(DetectionConversion.Write(data, BoxFormat.Yolo, _folder["yolo"]).Paths);
        Assert.Equal(["images/a.png"], DetectionData.OpenTraining(yolo).Images.Select(image => image.Name));
        Assert.Equal(["images/c.png"], DetectionData.OpenTest(yolo).Images.Select(image => image.Name));
        Assert.Equal(3, DetectionConversion.Write(data, BoxFormat.Coco, _folder["coco"]).Paths.Count);
        Assert.Equal(["a.png", "b.png"], DetectionData.OpenAll(_folder["coco/instances_trainval.json"]).Images.Select(image => image.Name));
        string voc = Assert.Single(DetectionConversion.Write(data, BoxFormat.Voc, _folder["again"]).Paths);
        foreach (string set in (string[])["train", "trainval", "test"]) Assert.Equal(File.ReadAllLines(_folder[$"voc/ImageSets/Main/{set}.txt"]), File.ReadAllLines(Path.Combine(voc, "ImageSets", "Main", set + ".txt")));
    }

    [Fact]
    public void AnInterruptedConversionGoesOn_AndOtherContentIsNotAddedTo()
    {
        DetectionDataset data = Source();
        using var stop = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() => DetectionConversion.Write(data, BoxFormat.Voc, _folder["out"], new Stop(stop), stop.Token));
        Assert.Single(Directory.GetFiles(_folder["out/JPEGImages"]));
        Assert.Throws<DatasetException>(() => DetectionConversion.Write(data, BoxFormat.Csv, _folder["out"]));
        Assert.Equal(3, DetectionConversion.Write(data, BoxFormat.Voc, _folder["out"]).Images);
        Assert.Throws<DatasetException>(() => DetectionConversion.Write(data, BoxFormat.Voc, _folder["out"]));
    }

    private sealed class Stop(CancellationTokenSource source) : IProgress<int>
    {
        public void Report(int value) => source.Cancel();
    }
}
