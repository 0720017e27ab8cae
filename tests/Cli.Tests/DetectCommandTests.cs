using System.Text.Json;
using IlgpuSpp.Data;
using IlgpuSpp.Data.Imaging;
using IlgpuSpp.Engine;
using IlgpuSpp.Models;
using IlgpuSpp.Processes;
using IlgpuSpp.Training;

namespace IlgpuSpp.Cli.Tests;

/// <summary>Training, testing and using a detector from outside, on a few drawn scenes with an untrained network.</summary>
public sealed class DetectCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private ProgramRun Run(params string[] arguments) => ProgramRun.Of("ilgpuspp.dll", _folder.Root, arguments);

    [Fact]
    public void TrainTestRun_WorkTogether()
    {
        using (IBackend backend = Device.Open("cpu"))
        {
            Model model = Zoo.Create("spp-small", new ModelOptions { Classes = 10, Pyramid = [1, 2] }, backend, seed: 1);
            using var classifier = new TrainedModel(model, new InputPreparation { MinSide = 56, CropSize = 48 }, 48);
            classifier.Save(_folder["start.safetensors"]);
        }
        Succeeds("data", "shapes", "--voc", "scenes", "--train", "6", "--val", "3");
        string[] train = ["detect", "train", "--data", "scenes", "--from", "start.safetensors", "--out", "run", "--iterations", "10", "--max-proposals", "60", "--scales", "96,64", "--lr", "0.01", "--threads", "2"];
        Succeeds(train);
        byte[] detector = File.ReadAllBytes(_folder["run/detector.safetensors"]);
        Succeeds(train);
        Assert.Equal(detector, File.ReadAllBytes(_folder["run/detector.safetensors"]));
        Assert.Contains("other options", Fails([.. train, "--seed", "2"]), StringComparison.Ordinal);

        JsonElement test = JsonDocument.Parse(Succeeds("detect", "test", "--model", "run", "--data", "scenes", "--json")).RootElement;
        Assert.Equal(3, test.GetProperty("images").GetInt32());
        foreach (string field in (string[])["map11", "map_area"]) Assert.InRange(test.GetProperty(field).GetDouble(), 0, 1);
        Assert.NotEmpty(test.GetProperty("per_class").EnumerateArray());
        Assert.Contains("Precision and recall", File.ReadAllText(_folder["run/report.html"]), StringComparison.Ordinal);

        // The scorer makes of the file what the test printed.
        JsonElement scored = JsonDocument.Parse(Succeeds("detect", "score", "--truth", "scenes", "--set", "test", "--detections", "run/detections.csv", "--json")).RootElement;
        Assert.Equal(test.GetProperty("map11").GetDouble(), scored.GetProperty("map11").GetDouble(), 9);

        _folder.Write("broken.png", "no image"u8.ToArray());
        string scene = Directory.GetFiles(_folder["scenes/JPEGImages"]).Order(StringComparer.Ordinal).First();
        ProgramRun run = Run("detect", "run", "--model", "run", scene, "broken.png", "--out", "found", "--json", "--min-score", "-1.2");
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("broken.png", run.Error, StringComparison.Ordinal);
        JsonElement found = JsonDocument.Parse(run.Output).RootElement;
        RgbImage picture = ImageDecoder.DecodeFile(Assert.Single(Directory.GetFiles(_folder["found"], "*.png")));
        Assert.Equal((found.GetProperty("width").GetInt32(), found.GetProperty("height").GetInt32()), (picture.Width, picture.Height));
        Assert.Equal(1 + found.GetProperty("detections").GetArrayLength(), File.ReadAllLines(_folder["found/detections.csv"]).Length);
        Assert.Equal(1, JsonDocument.Parse(File.ReadAllText(_folder["found/detections.json"])).RootElement.GetArrayLength());
    }

    [Fact]
    public void EndToEnd_IsTrainedTestedAndUsed()
    {
        using (IBackend backend = Device.Open("cpu"))
        {
            Model model = Zoo.Create("spp-small", new ModelOptions { Classes = 10, Pyramid = [1, 2] }, backend, seed: 1);
            using var classifier = new TrainedModel(model, new InputPreparation { MinSide = 56, CropSize = 48 }, 48);
            classifier.Save(_folder["start.safetensors"]);
        }
        Succeeds("data", "shapes", "--voc", "scenes", "--train", "6", "--val", "3");
        string[] train =
        [
            "detect", "train", "--end-to-end", "--data", "scenes", "--from", "start.safetensors", "--out", "run", "--epochs", "2.5", "--freeze-through", "conv2", "--max-proposals", "60", "--scales", "96,64",
            "--train-scale", "best", "--no-flips", "--threads", "2",
        ];
        ProgramRun first = Run(train);
        Assert.True(first.ExitCode == 0, first.Error);
        // Two and a half epochs of six images, two at a time, are eight updates.
        Assert.Contains("fine-tuning end to end 8/8: loss ", first.Error, StringComparison.Ordinal);
        foreach (string other in (string[])["support vector machines", "box regression"]) Assert.DoesNotContain(other, first.Error, StringComparison.Ordinal);
        Assert.Contains("is no layer", Fails([.. train.Select(word => word switch { "run" => "other", "conv2" => "conv9", _ => word })]), StringComparison.Ordinal);

        JsonElement test = JsonDocument.Parse(Succeeds("detect", "test", "--model", "run", "--data", "scenes", "--json")).RootElement;
        Assert.Equal(3, test.GetProperty("images").GetInt32());
        Assert.Contains("without support vector machines", Fails("detect", "test", "--model", "run", "--data", "scenes", "--scores", "svm"), StringComparison.Ordinal);
        string scene = Directory.GetFiles(_folder["scenes/JPEGImages"]).Order(StringComparer.Ordinal).First();
        Assert.NotEqual(0, JsonDocument.Parse(Succeeds("detect", "run", "--model", "run", scene, "--json", "--min-score", "0.0001")).RootElement.GetProperty("detections").GetArrayLength());
    }

    [Theory]
    [InlineData("--epochs", "3")]
    [InlineData("--freeze-through", "conv1")]
    [InlineData("--end-to-end", "--epochs", "3", "--iterations", "4")]
    [InlineData("--end-to-end", "--epochs", "0")]
    [InlineData("--train-scale", "largest")]
    public void OptionsThatDoNotGoTogether_AreRefusedAtOnce(params string[] options) => Assert.Equal(2, Run(["detect", "train", .. options]).ExitCode);

    [Fact]
    public void WrongUsage_IsSaid()
    {
        Assert.Equal(2, Run("detect", "train", "--data", "x").ExitCode);
        Assert.Contains("no such model file", Fails("detect", "test", "--model", "nowhere"), StringComparison.Ordinal);
    }

    [Fact]
    public void Bench_ComparesWithRcnn()
    {
        JsonElement bench = JsonDocument.Parse(Succeeds("detect", "bench", "--network", "spp-small", "--windows", "200", "--measured-crops", "20", "--json")).RootElement;
        JsonElement[] rows = [.. bench.GetProperty("rows").EnumerateArray()];
        Assert.Equal(["SPP-net, 1 scale", "SPP-net, 5 scales", "R-CNN"], rows.Select(row => row.GetProperty("name").GetString()));
        Assert.All(rows, row => Assert.True(row.GetProperty("conv_seconds").GetDouble() > 0 && row.GetProperty("fc_seconds").GetDouble() > 0));
        Assert.Equal(1, rows[2].GetProperty("speed_up").GetDouble());
    }

    private string Succeeds(params string[] arguments)
    {
        ProgramRun run = Run(arguments);
        Assert.True(run.ExitCode == 0, run.Error);
        return run.Output;
    }

    private string Fails(params string[] arguments)
    {
        ProgramRun run = Run(arguments);
        Assert.Equal(1, run.ExitCode);
        return run.Error;
    }
}
