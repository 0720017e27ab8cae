using System.Text.RegularExpressions;

namespace IlgpuSpp.Cli.Tests;

/// <summary>A data set with everything wrong that data sets have wrong: each is said in one line and the rest is trained and tested.</summary>
public sealed partial class DetectBadInputTests : IDisposable
{
    private readonly DetectionWorkspace _workspace = new();

    public void Dispose() => _workspace.Dispose();

    private string Annotation(int number) => _workspace.Folder[$"scenes/Annotations/scene-{number:000000}.xml"];

    private string Picture(int number) => _workspace.Folder[$"scenes/JPEGImages/scene-{number:000000}.png"];

    private void Edit(int number, Func<string, string> change)
    {
        string old = File.ReadAllText(Annotation(number)), changed = change(old);
        Assert.NotEqual(old, changed);
        File.WriteAllText(Annotation(number), changed);
    }

    private void AddObject(int number, string name, int left, int top, int right, int bottom) => Edit(number, text => text.Replace(
        "</annotation>",
        $"<object><name>{name}</name><bndbox><xmin>{left}</xmin><ymin>{top}</ymin><xmax>{right}</xmax><ymax>{bottom}</ymax></bndbox></object></annotation>",
        StringComparison.Ordinal));

    [Fact]
    public void EverythingWrongIsSaid_AndTheRestIsUsed()
    {
        _workspace.Succeeds("data", "shapes", "--voc", "scenes", "--train", "14", "--val", "2");
        File.Delete(Picture(0));
        File.Delete(Annotation(1));
        File.WriteAllText(Picture(2), "no image");
        AddObject(3, "circle", 5000, 5000, 6000, 6000);
        AddObject(4, "circle", -50, -50, 6000, 6000);
        AddObject(5, "circle", 30, 30, 20, 20);
        AddObject(6, "circle", 30, 30, 30, 30);
        Edit(7, text => Objects().Replace(text, ""));
        Edit(8, text => Sizes().Replace(text, "<size><width>0</width><height>0</height></size>"));
        AddObject(9, "ghost", 7000, 7000, 8000, 8000);
        Edit(10, text => Widths().Replace(text, "<width>999</width>"));
        AddObject(14, "unicorn", 5, 5, 30, 30);

        ProgramRun run = _workspace.Run(
            "detect", "train", "--data", "scenes", "--from", "start.safetensors", "--out", "run", "--iterations", "10", "--max-proposals", "40", "--scales", "64", "--lr", "0.01", "--threads", "2", "--quiet");
        Assert.True(run.ExitCode == 0, run.Error);
        foreach (string said in (string[])
        [
            "no image for the annotation of scene-000000",
            "scene-000001 has no annotation",
            "scene-000002 cannot be used",
            "scene-000003, 'circle': the box 5000,5000,6000,6000 lies outside",
            "scene-000004, 'circle': the box -50,-50,6000,6000 reaches out",
            "scene-000005, 'circle': the box 30,30,20,20 has no pixels",
            "scene-000009, 'ghost': the box 7000,7000,8000,8000 lies outside",
            "the image scene-000010 has",
            "no objects of the class 'ghost' to train on",
        ])
            Assert.Contains(said, run.Error, StringComparison.Ordinal);
        // Boxes of one pixel, images without objects and annotations without sizes are nothing to speak of.
        foreach (string silent in (string[])["scene-000006", "scene-000007", "scene-000008"]) Assert.DoesNotContain(silent, run.Error, StringComparison.Ordinal);

        run = _workspace.Run("detect", "test", "--model", "run", "--data", "scenes");
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Contains("1 objects of the class 'unicorn', which the detector does not know", run.Error, StringComparison.Ordinal);
        Assert.Contains("2 images: mAP", run.Output, StringComparison.Ordinal);
        Assert.Contains("seconds an image", run.Output, StringComparison.Ordinal);
    }

    [GeneratedRegex("<object>.*</object>", RegexOptions.Singleline)]
    private static partial Regex Objects();

    [GeneratedRegex("<size>.*?</size>", RegexOptions.Singleline)]
    private static partial Regex Sizes();

    [GeneratedRegex("<width>[0-9]+</width>")]
    private static partial Regex Widths();
}
