using System.Text.Json;
using IlgpuSpp.Data.Imaging;

namespace IlgpuSpp.Cli.Tests;

/// <summary>Training, testing and using a detector from outside, on a few drawn scenes with an untrained network.</summary>
public sealed class DetectCommandTests : IDisposable
{
    private readonly DetectionWorkspace _workspace = new();

    private TemporaryFolder Folder => _workspace.Folder;

    public void Dispose() => _workspace.Dispose();

    [Fact]
    public void TrainTestRun_WorkTogether()
    {
        _workspace.Succeeds("data", "shapes", "--voc", "scenes", "--train", "6", "--val", "3");
        string[] train = ["detect", "train", "--data", "scenes", "--from", "start.safetensors", "--out", "run", "--iterations", "10", "--max-proposals", "60", "--scales", "96,64", "--lr", "0.01", "--threads", "2"];
        _workspace.Succeeds(train);
        byte[] detector = File.ReadAllBytes(Folder["run/detector.safetensors"]);
        _workspace.Succeeds(train);
        Assert.Equal(detector, File.ReadAllBytes(Folder["run/detector.safetensors"]));
        ProgramRun other = _workspace.Run([.. train, "--seed", "2"]);
        Assert.Equal(2, other.ExitCode);
        Assert.Contains("--seed is 2, but the run was started with 1", other.Error, StringComparison.Ordinal);
        Assert.Contains("not a detector", _workspace.Fails("detect", "test", "--model", "start.safetensors", "--data", "scenes"), StringComparison.Ordinal);
        Assert.Contains("holds a detector, which knows windows of images, not whole ones; use 'ilgpuspp detect run'", _workspace.Run("predict", "scenes", "--model", "run/detector.safetensors").Error, StringComparison.Ordinal);
        Assert.Contains("use 'ilgpuspp detect test'", _workspace.Run("eval", "--model", "run/detector.safetensors").Error, StringComparison.Ordinal);
        byte[] windows = File.ReadAllBytes(Folder["run/proposals.json"]);
        Assert.Contains("other windows", _workspace.Fails([.. train, "--proposals", "edges"]), StringComparison.Ordinal);
        Assert.Equal(windows, File.ReadAllBytes(Folder["run/proposals.json"]));

        // The machines read what the last layer reads: only layers before it can be cut in two, and windows are found as before.
        string[] compress = ["models", "compress", "--model", "run/detector.safetensors", "--out", "small/detector.safetensors", "--ranks"];
        Directory.CreateDirectory(Folder["small"]);
        Assert.Contains("last layer of a detector", _workspace.Run([.. compress, "fc6=3"]).Error, StringComparison.Ordinal);
        Assert.Contains("rank 40", _workspace.Succeeds([.. compress, "fc5=40"]), StringComparison.Ordinal);

        // By what the layer answers: to a detector's windows, to a classifier's whole image.
        ImageWriter.WritePng(_workspace.Folder["photograph.png"], Framed());
        ProgramRun byWindows = _workspace.Run("models", "compress", "--model", "run/detector.safetensors", "--out", "answers.safetensors", "--ranks", "fc5=40", "--images", "photograph.png");
        Assert.Contains("responses differ by", byWindows.Output, StringComparison.Ordinal);
        Assert.Contains("give more images", byWindows.Error, StringComparison.Ordinal);
        Assert.Contains("responses differ by", _workspace.Succeeds("models", "compress", "--model", "start.safetensors", "--out", "answers.safetensors", "--ranks", "fc5=40", "--images", "photograph.png"), StringComparison.Ordinal);
        Assert.Contains("3 images", _workspace.Succeeds("detect", "test", "--model", "small", "--data", "scenes"), StringComparison.Ordinal);
        Assert.Contains("rank 40, 163,840 multiply-adds become 35,840", _workspace.Succeeds([.. compress, "fc5=40", "--int8", "fc5"]), StringComparison.Ordinal);
        Assert.Contains("--ranks must name layers of 32-bit numbers, but the weights of fc5 are 8-bit ones already", _workspace.Run("models", "compress", "--model", "small/detector.safetensors", "--out", "answers.safetensors", "--ranks", "fc5=20").Error, StringComparison.Ordinal);
        Assert.Contains("3 images", _workspace.Succeeds("detect", "test", "--model", "small", "--data", "scenes"), StringComparison.Ordinal);
        Assert.Contains("cascade: windows behind it cover", _workspace.Succeeds("detect", "test", "--model", "run", "--cascade", "small", "--share", "0.3", "--data", "scenes"), StringComparison.Ordinal);
        Assert.Contains("--share must be above 0 and below 1", _workspace.Run("detect", "test", "--model", "run", "--cascade", "small", "--share", "1", "--data", "scenes").Error, StringComparison.Ordinal);
        Assert.Contains("--share is for --cascade", _workspace.Run("detect", "test", "--model", "run", "--share", "0.5", "--data", "scenes").Error, StringComparison.Ordinal);
        Assert.Contains("check --cascade", _workspace.Run("detect", "test", "--model", "run", "--cascade", "smal", "--data", "scenes").Error, StringComparison.Ordinal);

        // Ranks that are found lose no more on the images than allowed, as a test of the outcome says too; everything may be lost with the smallest of the ladder, 182/64.
        double whole = Map("run");
        Assert.Contains(FormattableString.Invariant($"as it is: mAP {100 * whole:0.0} %"), _workspace.Succeeds([.. compress, "fc5", "--data", "scenes", "--max-loss", "2"]), StringComparison.Ordinal);
        Assert.InRange(whole - Map("small"), -1, 0.02);
        Assert.Contains("fc5: rank 2,", _workspace.Succeeds([.. compress, "fc5", "--data", "scenes", "--max-loss", "100"]), StringComparison.Ordinal);
        Assert.False(File.Exists(Folder["small/detector.safetensors.trial"]));
        Assert.Contains("need --data and --max-loss", _workspace.Run([.. compress, "fc5"]).Error, StringComparison.Ordinal);
        Assert.Equal(windows, File.ReadAllBytes(Folder["small/proposals.json"]));
        File.Delete(Folder["small/proposals.json"]);
        Assert.Contains("--proposals", _workspace.Fails("detect", "test", "--model", "small", "--data", "scenes"), StringComparison.Ordinal);

        double Map(string model) => JsonDocument.Parse(_workspace.Succeeds("detect", "test", "--model", model, "--data", "scenes", "--json")).RootElement.GetProperty("map11").GetDouble();

        JsonElement test = JsonDocument.Parse(_workspace.Succeeds("detect", "test", "--model", "run", "--data", "scenes", "--json")).RootElement;
        Assert.Equal(3, test.GetProperty("images").GetInt32());
        // A class without objects has no average precision.
        JsonElement[] perClass = [.. test.GetProperty("per_class").EnumerateArray().Where(item => item.GetProperty("positives").GetInt32() > 0)];
        foreach ((string mean, string own) in new[] { ("map11", "ap11"), ("map_area", "ap_area"), ("map_coco", "ap_coco") })
            Assert.Equal(perClass.Average(item => item.GetProperty(own).GetDouble()), test.GetProperty(mean).GetDouble(), 9);
        Assert.Equal(Directory.GetFiles(Folder["scenes/Annotations"]).Order(StringComparer.Ordinal).Skip(6).Sum(path => File.ReadAllText(path).Split("<object>").Length - 1), perClass.Sum(item => item.GetProperty("positives").GetInt32()));
        string page = File.ReadAllText(Folder["run/report.html"]);
        foreach (string part in (string[])["Precision and recall", " found of ", "Surest false positives", "Largest missed objects", "Detection test of run", "UTC"])
            Assert.Contains(part, page, StringComparison.Ordinal);

        // The scorer makes of the file what the test printed.
        JsonElement scored = JsonDocument.Parse(_workspace.Succeeds("detect", "score", "--truth", "scenes", "--set", "test", "--detections", "run/detections.csv", "--json")).RootElement;
        Assert.Equal(test.GetProperty("map11").GetDouble(), scored.GetProperty("map11").GetDouble(), 9);

        Folder.Write("broken.png", "no image"u8.ToArray());
        string scene = Directory.GetFiles(Folder["scenes/JPEGImages"]).Order(StringComparer.Ordinal).First();
        ProgramRun run = _workspace.Run("detect", "run", "--model", "run", scene, "broken.png", "--out", "found", "--json", "--min-score", "-1.2");
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("broken.png", run.Error, StringComparison.Ordinal);
        JsonElement found = JsonDocument.Parse(run.Output).RootElement;
        RgbImage picture = ImageDecoder.DecodeFile(Assert.Single(Directory.GetFiles(Folder["found"], "*.png")));
        Assert.Equal((found.GetProperty("width").GetInt32(), found.GetProperty("height").GetInt32()), (picture.Width, picture.Height));
        Assert.Equal(1 + found.GetProperty("detections").GetArrayLength(), File.ReadAllLines(Folder["found/detections.csv"]).Length);
        Assert.Equal(1, JsonDocument.Parse(File.ReadAllText(Folder["found/detections.json"])).RootElement.GetArrayLength());
    }

    [Fact]
    public void RcnnOnWindowsOfATable_AndTogetherWithSppNet()
    {
        _workspace.Succeeds("data", "shapes", "--voc", "scenes", "--train", "6", "--val", "3");
        Assert.Contains("9 images", _workspace.Succeeds("detect", "proposals", "--data", "scenes", "--out", "windows.csv", "--max-proposals", "40"), StringComparison.Ordinal);
        string[] train = ["detect", "train", "--data", "scenes", "--from", "start.safetensors", "--iterations", "10", "--lr", "0.01", "--threads", "2"];
        _workspace.Succeeds([.. train, "--proposals", "windows.csv", "--out", "spp", "--scales", "96,64"]);
        _workspace.Succeeds([.. train, "--proposals", "windows.csv", "--out", "rcnn", "--method", "rcnn"]);

        JsonElement rcnn = JsonDocument.Parse(_workspace.Succeeds("detect", "test", "--model", "rcnn", "--data", "scenes", "--json")).RootElement;
        JsonElement mean = rcnn.GetProperty("seconds_per_image");
        string[] parts = ["reading", "proposals", "convolutions", "fully_connected"];
        Assert.All(parts, part => Assert.True(mean.GetProperty(part).GetDouble() > 0));
        Assert.Equal(mean.GetProperty("total").GetDouble(), parts.Sum(part => mean.GetProperty(part).GetDouble()), 3e-6);
        Assert.Contains("R-CNN, crops of 48 pixels", File.ReadAllText(Folder["rcnn/report.html"]), StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(Folder["rcnn"], "*.partial"));

        Assert.Contains("3 images: mAP", _workspace.Succeeds("detect", "test", "--model", "spp", "--model", "rcnn", "--data", "scenes", "--out", "both"), StringComparison.Ordinal);
        Assert.True(File.Exists(Folder["both/report.html"]));

        // A table that lacks an image is refused before anything is trained or tested.
        File.WriteAllLines(Folder["few.csv"], File.ReadLines(Folder["windows.csv"]).Where(line => !line.StartsWith("scene-000004", StringComparison.Ordinal) && !line.StartsWith("scene-000007", StringComparison.Ordinal)));
        Assert.Contains("'scene-000004'", _workspace.Fails([.. train, "--out", "few", "--proposals", "few.csv"]), StringComparison.Ordinal);
        Assert.False(Directory.Exists(Folder["few"]));
        Assert.Contains("'scene-000007'", _workspace.Fails("detect", "test", "--model", "spp", "--data", "scenes", "--proposals", "few.csv"), StringComparison.Ordinal);
        ProgramRun run = _workspace.Run("detect", "run", "--model", "spp", "--proposals", "few.csv", "--min-score", "-9", "scenes/JPEGImages/scene-000004.png", "scenes/JPEGImages/scene-000005.png");
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("scene-000004.png'", run.Error, StringComparison.Ordinal);
        Assert.Contains("scene-000005.png: ", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void WindowsOfSeveralMethods_AreJoined()
    {
        _workspace.Succeeds("data", "shapes", "--voc", "scenes", "--train", "4", "--val", "2");
        Directory.CreateDirectory(Folder["c++"]);
        foreach (string method in (string[])["fast", "edges", "fast+edges"]) _workspace.Succeeds("detect", "proposals", "--data", "scenes", "--max-proposals", "40", "--proposals", method, "--out", $"c++/{method}.csv");
        // A path may have the sign that joins.
        _workspace.Succeeds("detect", "proposals", "--data", "scenes", "--max-proposals", "40", "--proposals", "c++/fast.csv+c++/edges.csv", "--out", "again.csv");
        string[] both = File.ReadAllLines(Folder["c++/fast+edges.csv"]);
        Assert.Equal(both, File.ReadAllLines(Folder["again.csv"]));
        Assert.Equal(File.ReadAllLines(Folder["c++/fast.csv"]).Union(File.ReadAllLines(Folder["c++/edges.csv"])).Order(StringComparer.Ordinal), both.Order(StringComparer.Ordinal));

        string[] train = ["detect", "train", "--data", "scenes", "--from", "start.safetensors", "--out", "run", "--iterations", "4", "--max-proposals", "40", "--scales", "64", "--threads", "2", "--proposals"];
        _workspace.Succeeds([.. train, "fast+edges"]);
        Assert.Equal("fast+edges", JsonDocument.Parse(File.ReadAllText(Folder["run/proposals.json"])).RootElement.GetProperty("Method").GetString());
        // Two files of windows an image.
        Assert.Equal(8, Directory.GetFiles(Folder["run/proposals"]).Length);
        Assert.Contains("2 images", _workspace.Succeeds("detect", "test", "--model", "run", "--data", "scenes"), StringComparison.Ordinal);
        Assert.Contains("2 images", _workspace.Succeeds("detect", "test", "--model", "run", "--data", "scenes", "--proposals", "edges+c++/fast.csv"), StringComparison.Ordinal);
        _workspace.Succeeds("detect", "run", "--model", "run", Directory.GetFiles(Folder["scenes/JPEGImages"]).Order(StringComparer.Ordinal).First());
        Assert.Contains("other windows", _workspace.Fails([.. train, "edges"]), StringComparison.Ordinal);
        foreach ((string wrong, string said) in new[] { ("fast+soup", "not 'fast+soup'"), ("fast+", "joined by +"), ("edges+edges", "'edges' twice") })
        {
            ProgramRun refused = _workspace.Run([.. train, wrong]);
            Assert.Equal(2, refused.ExitCode);
            Assert.Contains(said, refused.Error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void EndToEnd_IsTrainedTestedAndUsed()
    {
        _workspace.Succeeds("data", "shapes", "--voc", "scenes", "--train", "6", "--val", "3");
        string[] train =
        [
            "detect", "train", "--end-to-end", "--data", "scenes", "--from", "start.safetensors", "--out", "run", "--epochs", "2.5", "--freeze-through", "conv2", "--max-proposals", "60", "--scales", "96,64",
            "--train-scale", "best", "--no-flips", "--threads", "2",
        ];
        ProgramRun first = _workspace.Run(train);
        Assert.True(first.ExitCode == 0, first.Error);
        // Two and a half epochs of six images, two at a time, are eight updates.
        Assert.Contains("fine-tuning end to end 8/8: loss ", first.Error, StringComparison.Ordinal);
        foreach (string other in (string[])["support vector machines", "box regression"]) Assert.DoesNotContain(other, first.Error, StringComparison.Ordinal);
        ProgramRun unknown = _workspace.Run([.. train.Select(word => word switch { "run" => "other", "conv2" => "conv9", _ => word })]);
        Assert.Equal(2, unknown.ExitCode);
        Assert.Contains("--freeze-through names 'conv9', which is no layer", unknown.Error, StringComparison.Ordinal);

        JsonElement test = JsonDocument.Parse(_workspace.Succeeds("detect", "test", "--model", "run", "--data", "scenes", "--json")).RootElement;
        Assert.Equal(3, test.GetProperty("images").GetInt32());
        Assert.Contains("without support vector machines", _workspace.Fails("detect", "test", "--model", "run", "--data", "scenes", "--scores", "svm"), StringComparison.Ordinal);
        string scene = Directory.GetFiles(Folder["scenes/JPEGImages"]).Order(StringComparer.Ordinal).First();
        Assert.NotEqual(0, JsonDocument.Parse(_workspace.Succeeds("detect", "run", "--model", "run", scene, "--json", "--min-score", "0.0001")).RootElement.GetProperty("detections").GetArrayLength());
    }

    [Fact]
    public void ANewHead_IsPutBehindTheLayerThatIsNamed()
    {
        _workspace.Succeeds("data", "shapes", "--voc", "scenes", "--train", "4", "--val", "2");
        string[] train = ["detect", "train", "--data", "scenes", "--from", "start.safetensors", "--at", "conv3", "--max-proposals", "40", "--threads", "2", "--out"];
        _workspace.Succeeds([.. train, "run", "--iterations", "4", "--levels", "3,1", "--hidden", "8"]);
        // Three convolutions with their normalisations, 9 + 1 bins of 128 channels, and one scale: 688 pixels in proportion to the crop, 48 of 224.
        string detector = System.Text.Encoding.UTF8.GetString(File.ReadAllBytes(Folder["run/detector.safetensors"])), options = File.ReadAllText(Folder["run/detector.json"]);
        Assert.Contains("\"fc_hidden.weight\":{\"dtype\":\"F32\",\"shape\":[8,1280]", detector, StringComparison.Ordinal);
        Assert.DoesNotContain("conv4", detector, StringComparison.Ordinal);
        Assert.Equal(147, Assert.Single(JsonDocument.Parse(options).RootElement.GetProperty("options").GetProperty("features").GetProperty("scales").EnumerateArray()).GetInt32());
        _workspace.Succeeds([.. train, "whole", "--end-to-end", "--iterations", "2", "--hidden", "0"]);
        Assert.Equal(0.1, JsonDocument.Parse(File.ReadAllText(Folder["whole/detector.json"])).RootElement.GetProperty("options").GetProperty("endToEnd").GetProperty("stemRate").GetDouble());
        ProgramRun unknown = _workspace.Run([.. train.Select(word => word == "conv3" ? "conv9" : word), "other"]);
        Assert.Equal(2, unknown.ExitCode);
        Assert.Contains("There is no layer 'conv9'; the network has conv1, ", unknown.Error, StringComparison.Ordinal);
    }

    // The paper's section 4.5: crops to pre-train on, and a set whose objects alone are learnt from.
    [Fact]
    public void CropsOfObjects_AreTrainedOn_AndObjectsOfAnotherSetAdded()
    {
        _workspace.Succeeds("data", "shapes", "--voc", "scenes", "--train", "12", "--val", "4");
        string[] cut = ["data", "crops", "crops", "--data", "scenes", "--min-side", "128", "--crop", "64", "--per-object", "2", "--val-share", "0.3"];
        Assert.Matches(@"^\d+ crops to train on and \d+ to validate in crops.*; train with: ilgpuspp train --data crops.crops\.csv\s*$", _workspace.Succeeds(cut));
        _workspace.Succeeds("train", "--data", "crops/crops.csv", "--model", "spp-small", "--epochs", "1", "--sizes", "48", "--out", "classifier", "--quiet", "--threads", "2");
        Assert.Contains("holds something else", _workspace.Fails([.. cut, "--seed", "2"]), StringComparison.Ordinal);

        string[] train = ["detect", "train", "--data", "scenes", "--set", "test", "--objects", "scenes", "--from", "classifier/last.safetensors", "--out", "run", "--iterations", "4", "--max-proposals", "40", "--scales", "64", "--threads", "2"];
        _workspace.Succeeds(train);
        // Windows are looked for in the four images of the first set alone.
        Assert.Equal(4, Directory.GetFiles(Folder["run/proposals"]).Length);
        Assert.Contains("name another set", _workspace.Fails([.. train, "--objects-set", "test"]), StringComparison.Ordinal);
        foreach ((string[] wrong, string said) in new (string[], string)[]
        {
            (["detect", "train", "--objects", "scenes"], "--objects adds to --data"),
            (["detect", "train", "--data", "scenes", "--from", "start.safetensors", "--objects-set", "test"], "--objects-set names a set of --objects"),
            ([.. train, "--end-to-end"], "--end-to-end draws background from every image"),
            (["data", "crops", "other"], "--data is needed"),
            (["data", "crops", "other", "--data", "scenes", "--min-side", "100"], "--min-side must be at least the 224"),
            (["data", "crops", "other", "--data", "scenes", "--min-side", "99999"], "at most 16384"),
            (["data", "crops", "other", "--data", "scenes", "--share", "1.5"], "--share must be above 0"),
            (["data", "crops", "other", "--data", "scenes", "--per-object", "0"], "--per-object must be at least 1"),
            (["data", "crops", "other", "--data", "scenes", "--val-share", "1"], "--val-share must be above 0"),
        })
        {
            ProgramRun refused = _workspace.Run(wrong);
            Assert.Equal(2, refused.ExitCode);
            Assert.Contains(said, refused.Error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void MachinesReadTheLayerThatIsNamed()
    {
        _workspace.Succeeds("data", "shapes", "--voc", "scenes", "--train", "4", "--val", "2");
        string[] train = ["detect", "train", "--data", "scenes", "--from", "start.safetensors", "--iterations", "0", "--max-proposals", "40", "--scales", "64", "--threads", "2", "--out", "run", "--svm-layer"];
        ProgramRun unknown = _workspace.Run([.. train, "fc7"]);
        Assert.Equal((2, "ilgpuspp: --svm-layer names 'fc7'; machines can read pool5 (the pooled windows), fc5 of this network."), (unknown.ExitCode, unknown.Error.Trim()));
        Assert.Empty(Directory.GetFiles(Folder["run"]));
        // Nor is spp-small trained first.
        unknown = _workspace.Run("detect", "train", "--svm-layer", "fc7", "--out", "drawn");
        Assert.Equal(2, unknown.ExitCode);
        Assert.DoesNotContain("training spp-small", unknown.Error, StringComparison.Ordinal);
        Assert.Contains("--scores svm", _workspace.Run("detect", "train", "--end-to-end", "--svm-layer", "fc5").Error, StringComparison.Ordinal);

        _workspace.Succeeds([.. train, "pool5"]);
        Assert.Contains("2 images", _workspace.Succeeds("detect", "test", "--model", "run", "--data", "scenes"), StringComparison.Ordinal);
        ProgramRun other = _workspace.Run([.. train, "fc5"]);
        Assert.Equal(2, other.ExitCode);
        Assert.Contains("--svm-layer is \"fc5\", but the run was started with \"pool5\"", other.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--epochs", "3")]
    [InlineData("--freeze-through", "conv1")]
    [InlineData("--end-to-end", "--epochs", "3", "--iterations", "4")]
    [InlineData("--end-to-end", "--epochs", "0")]
    [InlineData("--end-to-end", "--iterations", "0")]
    [InlineData("--lr", "0")]
    [InlineData("--train-scale", "largest")]
    [InlineData("--end-to-end", "--method", "rcnn")]
    [InlineData("--method", "rcnn", "--window-rule", "paper")]
    [InlineData("--method", "rcnn", "--combine-scales", "max")]
    [InlineData("--end-to-end", "--combine-scales", "max")]
    [InlineData("--scale-rule", "volume")]
    public void OptionsThatDoNotGoTogether_AreRefusedAtOnce(params string[] options) => Assert.Equal(2, _workspace.Run(["detect", "train", .. options]).ExitCode);

    [Fact]
    public void WrongUsage_IsSaid()
    {
        Assert.Equal(2, _workspace.Run("detect", "train", "--data", "x").ExitCode);
        foreach ((string[] arguments, string said) in new[]
        {
            ((string[])["detect", "test", "--model", "nowhere"], "no run folder or detector 'nowhere'"),
            (["detect", "test", "--model", ".", "--model", "."], "--out"),
            (["detect", "test", "--model", ".", "--scores", "best"], "'best'"),
            (["detect", "train", "--method", "yolo"], "'yolo'"),
            (["detect", "train", "--proposals", "windows.txt"], "'windows.txt'"),
            (["detect", "train", "--max-proposals", "-1"], "--max-proposals"),
            (["detect", "train", "--hidden", "5"], "name one with --from"),
            (["detect", "train", "--data", "x", "--from", "start.safetensors", "--levels", "none"], "--levels needs at least one level"),
            (["detect", "train", "--data", "x", "--from", "start.safetensors", "--hidden", "-1"], "--hidden must be from 0"),
            (["detect", "train", "--method", "rcnn", "--scales", "64", "--from", "start.safetensors"], "--scales"),
        })
        {
            ProgramRun run = _workspace.Run(arguments);
            Assert.True(run.ExitCode == 2, run.Error);
            Assert.Contains(said, run.Error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Bench_ComparesWithRcnn()
    {
        JsonElement bench = JsonDocument.Parse(_workspace.Succeeds("detect", "bench", "--network", "spp-small", "--windows", "200", "--measured-crops", "20", "--json")).RootElement;
        JsonElement[] rows = [.. bench.GetProperty("rows").EnumerateArray()];
        Assert.Equal(["SPP-net, 1 scale", "SPP-net, 5 scales", "R-CNN"], rows.Select(row => row.GetProperty("name").GetString()));
        Assert.All(rows, row => Assert.True(row.GetProperty("conv_seconds").GetDouble() > 0 && row.GetProperty("fc_seconds").GetDouble() > 0));
        Assert.Equal(1, rows[2].GetProperty("speed_up").GetDouble());
        Assert.Equal((1, 200), (bench.GetProperty("images").GetInt32(), bench.GetProperty("windows").GetInt32()));

        // Windows of photographs are those that selective search finds, which are few in a small one.
        ImageWriter.WritePng(_workspace.Folder["bench.png"], Framed());
        bench = JsonDocument.Parse(_workspace.Succeeds("detect", "bench", "bench.png", "--network", "spp-small", "--measured-crops", "16", "--json")).RootElement;
        Assert.InRange(bench.GetProperty("windows").GetInt32(), 1, 1999);
    }

    // A rectangle on another ground, so that selective search finds windows.
    private static RgbImage Framed()
    {
        var image = new RgbImage(96, 80);
        for (int i = 0; i < image.Pixels.Length; i++) image.Pixels[i] = (byte)(i / 3 % 96 is > 20 and < 60 && i / 288 is > 15 and < 50 ? 220 - i % 3 * 90 : i / 288);
        return image;
    }
}
