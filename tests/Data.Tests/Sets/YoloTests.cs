using IlgpuSpp.Layers;

namespace IlgpuSpp.Data.Tests;

/// <summary>YOLO's data sets: shares of the sides become pixels, sets follow the description, and what is wrong is refused with its line.</summary>
public sealed class YoloTests : AnnotationTest
{
    private const string Description = "train: images/train\nval: images/val\nnames: [dog, cat]\n";

    public YoloTests()
    {
        _folder.Image("images/train/a.png", 40, 20);
        _folder.Image("images/train/b.png", 10, 10);
        _folder.Image("images/val/c.png", 10, 10);
        _folder.Text("labels/train/a.txt", "1 0.5 0.5 0.5 0.5\n0 0.05 0.1 0.1 0.2\n");
        _folder.Text("labels/val/c.txt", "");
        _folder.Text("data.yaml", Description);
    }

    private DetectionDataset Open(string? set = null) => DetectionData.OpenAll(_folder.Root, new AnnotationOptions { Set = set }, _warnings);

    private string Refusal() => Assert.Throws<DatasetException>(() => Open()).Message;

    [Fact]
    public void SharesBecomePixels_AndSetsAreTheDescriptions()
    {
        DetectionDataset all = Open();
        Assert.Equal(["dog", "cat"], all.ClassNames);
        Assert.Equal(["images/train/a.png", "images/train/b.png", "images/val/c.png"], all.Images.Select(image => image.Name));
        // Half of 40x20 about the middle covers the columns 10 to 29 and the rows 5 to 14.
        Assert.Equal([new AnnotatedObject(1, new PixelBox(10, 5, 29, 14)), new AnnotatedObject(0, new PixelBox(0, 0, 3, 3))], all.Images[0].Objects);
        Assert.Contains("1 of 3 images have no label file", Assert.Single(_warnings.Lines), StringComparison.Ordinal);
        Assert.Equal(["images/val/c.png"], DetectionData.OpenTest(_folder["data.yaml"], null, _warnings).Images.Select(image => image.Name));
        Assert.Equal(2, DetectionData.OpenTraining(_folder.Root, null, _warnings).Images.Count);
        Assert.Contains("no set 'test'", Assert.Throws<DatasetException>(() => Open("test")).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("train: ../images/train\nnames: [dog, cat]\n")]
    [InlineData("path: /somewhere/else\ntrain: images/train\nnames:\n  0: dog\n  1: 'cat'\nnc: 2\n")]
    [InlineData("path: images\ntrain: [train]\nval:\nnames: {1: cat, 0: dog}\n")]
    [InlineData("train: list.txt\nnames:\n- dog\n- cat\n")]
    [InlineData("# a comment\n%YAML 1.2\n---\ntrain: images/train\nnames: [\"dog\", cat]\nroboflow:\n  url: x\n")]
    public void DescriptionsAsToolsWriteThem(string description)
    {
        _folder.Text("data.yaml", description);
        _folder.Text("list.txt", "./images/train/a.png\nimages/train/b.png\n\n");
        DetectionDataset data = Open();
        Assert.Equal(["dog", "cat"], data.ClassNames);
        Assert.Equal(["images/train/a.png", "images/train/b.png"], data.Images.Select(image => image.Name));
        Assert.Equal(2, data.Images[0].Objects.Count);
    }

    [Theory]
    [InlineData("train: images/train\n", "no names")]
    [InlineData("names: [a]\n", "names no images")]
    [InlineData("train: images/train\nnames: [a]\nnc: 2\n", "names 1")]
    [InlineData("train: images/train\nnames: {0: a, 2: b}\n", "none with the number 1")]
    [InlineData("train: nowhere\nnames: [a]\n", "no such folder")]
    [InlineData("train: images/train\nnames: [a\n", "well-formed YAML")]
    [InlineData("train: &x images/train\nval: *x\nnames: [a]\n", "alias")]
    [InlineData("train: images/train\ntrain: images/val\nnames: [a]\n", "twice")]
    [InlineData("just text", "no description")]
    public void OtherDescriptions_AreRefused(string description, string said)
    {
        _folder.Text("data.yaml", description);
        Assert.Contains(said, Refusal(), StringComparison.Ordinal);
    }

    [Fact]
    public void DeepDescriptions_AreRefusedAtOnce()
    {
        _folder.Text("data.yaml", "names: " + new string('[', 300_000));
        Assert.Contains("deep", Refusal(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("2 0.5 0.5 0.5 0.5", "class number 2")]
    [InlineData("-1 0.5 0.5 0.5 0.5", "whole number")]
    [InlineData("0.5 0.5 0.5 0.5 0.5", "whole number")]
    [InlineData("0 nan 0.5 0.5 0.5", "'nan'")]
    [InlineData("0 0.5 0.5 0.5 inf", "'inf'")]
    [InlineData("0 0.5 0.5 0.5", "has 4 values")]
    [InlineData("0 0.5 0.5 0.5 0.5 0.9", "has 6 values")]
    [InlineData("0 0,5 0.5 0.5 0.5", "'0,5'")]
    [InlineData("0 20 10 20 10", "shares")]
    public void WrongLines_AreRefusedWithTheirNumber(string line, string said)
    {
        _folder.Text("labels/train/a.txt", "1 0.5 0.5 0.5 0.5\n" + line + "\n");
        string message = Refusal();
        Assert.Contains("a.txt, line 2", message, StringComparison.Ordinal);
        Assert.Contains(said, message, StringComparison.Ordinal);
    }

    [Fact]
    public void PolygonsGiveTheirBounds_AndBoxesAreClipped()
    {
        _folder.Text("labels/train/a.txt", "0 0.25 0.5 0.5 0.25 0.75 0.75\n1 0.95 0.5 0.2 0.5\n1 1.5 0.5 0.2 0.5\n1 0.5 0.5 0 0.5\n");
        _folder.Text("labels/train/b.txt", "");
        DetectionDataset data = Open();
        Assert.Equal([new AnnotatedObject(0, new PixelBox(10, 5, 29, 14)), new AnnotatedObject(1, new PixelBox(34, 5, 39, 14))], data.Images[0].Objects);
        foreach (string said in (string[])["other shapes: 1 polygon.", "reaches out", "lies outside", "has no pixels"]) Assert.Contains(_warnings.Lines, line => line.Contains(said, StringComparison.Ordinal));
    }

    [Fact]
    public void ImagesThatAreNotThere_AreCounted()
    {
        _folder.Text("data.yaml", "train: list.txt\nnames: [dog, cat]\n");
        _folder.Text("list.txt", "images/train/a.png\nimages/train/gone.png\n");
        Assert.Single(Open().Images);
        Assert.Contains("1 of 2 images are not in", Assert.Single(_warnings.Lines), StringComparison.Ordinal);
        _folder.Text("list.txt", "images/train/a.png\n../outside.png\n");
        Assert.Contains("list.txt, line 2", Refusal(), StringComparison.Ordinal);
    }

    [Fact]
    public void WithoutAnyLabels_ItIsRefused()
    {
        Directory.Delete(_folder["labels"], recursive: true);
        Assert.Contains("none of its 3 images", Refusal(), StringComparison.Ordinal);
    }
}
