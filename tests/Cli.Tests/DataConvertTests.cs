using System.IO.Compression;

namespace IlgpuSpp.Cli.Tests;

/// <summary><c>data convert</c> from outside: what it reads, what it says, and what it refuses.</summary>
public sealed class DataConvertTests : CommandTest
{
    [Fact]
    public void ASetGoesThroughAnArchiveAndThreeFormats()
    {
        Done("data", "shapes", "--voc", "scenes", "--train", "3", "--val", "2");
        string first = _folder["scenes/Annotations/scene-000000.xml"];
        File.WriteAllText(first, File.ReadAllText(first).Replace("<difficult>0", "<difficult>1", StringComparison.Ordinal));
        ZipFile.CreateFromDirectory(_folder["scenes"], _folder["scenes.zip"]);

        ProgramRun coco = Done("data", "convert", "--data", "scenes.zip", "--to", "coco", "--out", "coco", "--quiet");
        Assert.StartsWith("5 images with ", coco.Output, StringComparison.Ordinal);
        Assert.Contains("difficult objects are marked by \"ignore\"", coco.Error, StringComparison.Ordinal);
        foreach ((string set, string part) in new[] { ("trainval", "a"), ("test", "b") })
            Done("data", "convert", "--data", $"coco/instances_{set}.json", "--to", "voc", "--out", part, "--quiet");
        Assert.Equal(
            Directory.GetFiles(_folder["scenes/Annotations"]).Select(Path.GetFileName).Order(StringComparer.Ordinal),
            Directory.GetFiles(_folder["a/Annotations"]).Concat(Directory.GetFiles(_folder["b/Annotations"])).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Equal(File.ReadAllText(first), File.ReadAllText(_folder["a/Annotations/scene-000000.xml"]));

        Assert.Contains("ordinary ones", Done("data", "convert", "--data", "scenes.zip", "--to", "yolo", "--out", "yolo", "--quiet").Error, StringComparison.Ordinal);
        Assert.StartsWith("3 images with ", Done("data", "convert", "--data", "yolo", "--set", "train", "--to", "csv", "--out", "csv", "--quiet").Output, StringComparison.Ordinal);
    }

    [Fact]
    public void WhatCannotWork_IsRefused()
    {
        _folder.Text("full/file", "");
        _folder.Text("set.csv", "file,class,x1,y1,x2,y2\na.png,x,1,1,2,2\n");
        foreach ((string said, string[] arguments) in new (string, string[])[]
        {
            ("--data is needed", ["--to", "voc", "--out", "o"]),
            ("--to takes voc, coco, yolo or csv", ["--data", "set.csv", "--to", "pascal", "--out", "o"]),
            ("names no image that exists", ["--data", "set.csv", "--to", "voc", "--out", "o"]),
            ("has no sets", ["--data", "set.csv", "--set", "train", "--to", "voc", "--out", "o"]),
            ("no such folder or file", ["--data", "nowhere.zip", "--to", "voc", "--out", "o"]),
        })
        {
            ProgramRun run = Run(["data", "convert", .. arguments]);
            Assert.NotEqual(0, run.ExitCode);
            Assert.Contains(said, run.Error, StringComparison.Ordinal);
        }
    }
}
