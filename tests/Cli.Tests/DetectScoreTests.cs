using System.Text.Json;

namespace IlgpuSpp.Cli.Tests;

/// <summary>The scorer and the drawn detection set from outside.</summary>
public sealed class DetectScoreTests : CommandTest
{
    [Fact]
    public void Score_PrintsTheFixedFields()
    {
        _folder.Write("voc/Annotations/a.xml", """
            <annotation><size><width>100</width><height>100</height></size>
            <object><name>cat</name><difficult>0</difficult><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>10</xmax><ymax>10</ymax></bndbox></object>
            <object><name>cat</name><difficult>0</difficult><bndbox><xmin>31</xmin><ymin>1</ymin><xmax>40</xmax><ymax>10</ymax></bndbox></object>
            <object><name>dog</name><difficult>1</difficult><bndbox><xmin>61</xmin><ymin>1</ymin><xmax>70</xmax><ymax>10</ymax></bndbox></object></annotation>
            """u8.ToArray());
        _folder.Write("d.csv", "image,class,score,x1,y1,x2,y2\na,cat,0.9,1,1,10,10\na,dog,0.8,61,1,70,10\n"u8.ToArray());
        ProgramRun run = Run("detect", "score", "--truth", "voc", "--detections", "d.csv", "--json");
        Assert.True(run.ExitCode == 0, run.Error);
        JsonElement json = JsonDocument.Parse(run.Output).RootElement;
        Assert.Equal(1, json.GetProperty("images").GetInt32());
        Assert.Equal(6.0 / 11, json.GetProperty("map11").GetDouble(), 12);
        Assert.Equal(0.5, json.GetProperty("map_area").GetDouble(), 12);
        Assert.Equal(["cat", "dog"], json.GetProperty("per_class").EnumerateArray().Select(item => item.GetProperty("name").GetString()));
        Assert.Equal(JsonValueKind.Null, json.GetProperty("per_class")[1].GetProperty("ap11").ValueKind);
        // One image: every draw is that image.
        Assert.Equal([6.0 / 11, 6.0 / 11], json.GetProperty("map11_interval").EnumerateArray().Select(item => item.GetDouble()));
        _folder.Write("both.csv", "image,class,score,x1,y1,x2,y2\na,cat,0.9,1,1,10,10\na,cat,0.8,31,1,40,10\n"u8.ToArray());
        run = Run("detect", "score", "--truth", "voc", "--detections", "both.csv", "--against", "d.csv");
        Assert.Contains("mAP (11-point) less that of --against, 0.5455: 0.4545 (0.4545 to 0.4545 in 95 %", run.Output, StringComparison.Ordinal);
        _folder.Write("difficult/Annotations/a.xml", """
            <annotation><size><width>100</width><height>100</height></size>
            <object><name>cat</name><difficult>1</difficult><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>10</xmax><ymax>10</ymax></bndbox></object></annotation>
            """u8.ToArray());
        Assert.Contains("1 image: mAP - (11-point), - (area)", Run("detect", "score", "--truth", "difficult", "--detections", "d.csv").Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Shapes_AreWrittenAsAVocFolder()
    {
        ProgramRun run = Run("data", "shapes", "--voc", "scenes", "--train", "2", "--val", "1");
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Equal(3, Directory.GetFiles(_folder["scenes/Annotations"]).Length);
        Assert.Equal(3, Directory.GetFiles(_folder["scenes/JPEGImages"]).Length);
        Assert.Single(File.ReadAllLines(_folder["scenes/ImageSets/Main/test.txt"]));
        Assert.Equal(2, Run("data", "shapes").ExitCode);
    }
}
