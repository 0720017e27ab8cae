using System.Globalization;
using System.Text.Json;
using IlgpuSpp.Engine;
using IlgpuSpp.Layers;
using IlgpuSpp.Models;

namespace IlgpuSpp.Cli.Tests;

/// <summary>
/// Whole programs on devices that ILGPU drives, beside the same on the processor: on an OpenCL device, be it PoCL, which runs the kernels as compiled code, and on ILGPU's simulator, where
/// a single image takes seconds.
/// </summary>
public sealed class DeviceProgramTests : IDisposable
{
    private readonly DetectionWorkspace _workspace = new();

    public void Dispose() => _workspace.Dispose();

    [OpenClFact]
    public void Classifiers_learn_go_on_and_answer_as_on_the_processor()
    {
        string[] train = ["train", "--shapes", "80", "--sizes", "48,40", "--schedule", "constant", "--lr", "0.002", "--batch", "16", "--quiet"];
        // Without the Winograd transform, whose rounding is ten times that of plain sums, the processor's losses after ten steps are others by half a percent.
        foreach (string device in (string[])["cpu", OpenClDevice.Name]) _workspace.Succeeds([.. train, "--epochs", "2", "--out", Run(device), "--device", device, .. Exact(device)]);
        double[][] expected = Metrics(Run("cpu")), actual = Metrics(Run(OpenClDevice.Name));
        Assert.Equal(2, expected.Length);
        // Losses on the images trained on and on the others, after five and ten steps, each of which passes on the rounding of those before.
        for (int epoch = 0; epoch < expected.Length; epoch++)
            for (int i = 0; i < expected[epoch].Length; i++) Assert.Equal(expected[epoch][i], actual[epoch][i], 1e-3 * expected[epoch][i]);

        // A run that goes on ends with the same bits as one that never stopped.
        _workspace.Succeeds([.. train, "--epochs", "1", "--out", "stopped", "--device", OpenClDevice.Name]);
        _workspace.Succeeds("train", "--resume", "stopped", "--epochs", "2", "--device", OpenClDevice.Name, "--quiet");
        Assert.Equal(File.ReadAllBytes(_workspace.Folder[Run(OpenClDevice.Name) + "/last.safetensors"]), File.ReadAllBytes(_workspace.Folder["stopped/last.safetensors"]));

        _workspace.Succeeds("data", "shapes", "shapes", "--train", "10", "--val", "10");
        string[] images = [.. Directory.GetFiles(_workspace.Folder["shapes/val"], "*.png", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
        JsonElement[] evaluated = [.. Devices(device => _workspace.Succeeds("eval", "--model", Run("cpu") + "/best.safetensors", "--data", "shapes/val", "--json", "--device", device))];
        Assert.Equal(evaluated[0].GetProperty("loss").GetDouble(), evaluated[1].GetProperty("loss").GetDouble(), 1e-4);
        Assert.Equal(evaluated[0].GetProperty("top5").GetDouble(), evaluated[1].GetProperty("top5").GetDouble());
        JsonElement[] predicted = [.. Devices(device => _workspace.Succeeds("predict", images[0], "--model", Run("cpu") + "/best.safetensors", "--json", "--device", device))];
        AssertClasses(predicted[0], predicted[1]);
    }

    [OpenClFact]
    public void Detectors_learn_and_find_as_on_the_processor()
    {
        _workspace.Succeeds("data", "shapes", "--voc", "scenes", "--train", "6", "--val", "3");
        foreach (string device in (string[])["cpu", OpenClDevice.Name])
            _workspace.Succeeds(["detect", "train", "--data", "scenes", "--from", "start.safetensors", "--out", Run(device), "--iterations", "10", "--max-proposals", "60", "--scales", "96,64", "--lr", "0.01", "--device", device, "--quiet", .. Exact(device)]);
        // The network after fine-tuning; the machines then choose windows by its scores, so that the outcome is compared by what it finds.
        using (Backend backend = Device.Open("cpu"))
        using (Model expected = ModelFile.Load(_workspace.Folder[Run("cpu") + "/detector.safetensors"], backend), actual = ModelFile.Load(_workspace.Folder[Run(OpenClDevice.Name) + "/detector.safetensors"], backend))
        {
            foreach ((Parameter one, Parameter other) in expected.Network.Parameters.Zip(actual.Network.Parameters))
            {
                float[] values = one.Value.ToArray(), others = other.Value.ToArray();
                float largest = values.Max(Math.Abs);
                for (int i = 0; i < values.Length; i++) Assert.Equal(values[i], others[i], 1e-3f * largest);
            }
        }
        double[] own = [.. ((string[])["cpu", OpenClDevice.Name]).Select(device => Map(Run(device), device))];
        Assert.Equal(own[0], own[1], 0.02);
        Assert.Equal(own[0], Map(Run("cpu"), OpenClDevice.Name), 1e-3);

        JsonElement[][] found = [.. ((string[])["cpu", OpenClDevice.Name]).Select(device => JsonDocument.Parse(
            _workspace.Succeeds("detect", "run", "scenes/JPEGImages", "--model", Run("cpu"), "--min-score", "-1", "--json", "--device", device).Split('\n')[0]).RootElement.GetProperty("detections").EnumerateArray().ToArray())];
        Assert.NotEmpty(found[0]);
        Assert.Equal(found[0].Length, found[1].Length);
        for (int i = 0; i < found[0].Length; i++)
        {
            Assert.Equal(found[0][i].GetProperty("class").GetString(), found[1][i].GetProperty("class").GetString());
            foreach (string number in (string[])["score", "x1", "y1", "x2", "y2"]) Assert.Equal(found[0][i].GetProperty(number).GetDouble(), found[1][i].GetProperty(number).GetDouble(), 0.02);
        }
    }

    [Fact]
    public void The_simulator_answers_as_the_processor()
    {
        _workspace.Succeeds("data", "shapes", "shapes", "--train", "10", "--val", "10");
        string image = Directory.GetFiles(_workspace.Folder["shapes/val"], "*.png", SearchOption.AllDirectories).Order(StringComparer.Ordinal).First();
        JsonElement[] predicted = [.. ((string[])["cpu", "ilgpu-cpu"]).Select(device => JsonDocument.Parse(_workspace.Succeeds("predict", image, "--model", "start.safetensors", "--json", "--device", device)).RootElement)];
        AssertClasses(predicted[0], predicted[1]);
    }

    private static string[] Exact(string device) => device == "cpu" ? ["--deterministic-exact"] : [];

    private static string Run(string device) => "run-" + device.Replace(':', '-');

    private static IEnumerable<JsonElement> Devices(Func<string, string> answer) => ((string[])["cpu", OpenClDevice.Name]).Select(device => JsonDocument.Parse(answer(device)).RootElement);

    private static void AssertClasses(JsonElement expected, JsonElement actual)
    {
        JsonElement[] classes = [.. expected.GetProperty("classes").EnumerateArray()], others = [.. actual.GetProperty("classes").EnumerateArray()];
        Assert.NotEmpty(classes);
        Assert.Equal(classes.Select(own => own.GetProperty("name").GetString()), others.Select(own => own.GetProperty("name").GetString()));
        for (int i = 0; i < classes.Length; i++) Assert.Equal(classes[i].GetProperty("probability").GetDouble(), others[i].GetProperty("probability").GetDouble(), 1e-5);
    }

    private double Map(string run, string device) =>
        JsonDocument.Parse(_workspace.Succeeds("detect", "test", "--model", run, "--data", "scenes", "--json", "--out", "test-" + Run(device), "--device", device)).RootElement.GetProperty("map_area").GetDouble();

    // Training and validation loss of every epoch.
    private double[][] Metrics(string run)
    {
        string[][] rows = [.. File.ReadLines(_workspace.Folder[run + "/metrics.csv"]).Select(line => line.Split(','))];
        int[] columns = [Array.IndexOf(rows[0], "train_loss"), Array.IndexOf(rows[0], "val_loss")];
        return [.. rows.Skip(1).Select(row => columns.Select(column => double.Parse(row[column], CultureInfo.InvariantCulture)).ToArray())];
    }
}

/// <summary>A fact that needs an OpenCL device of any kind: reported as skipped, with the reason, where there is none.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class OpenClFactAttribute : FactAttribute
{
    public OpenClFactAttribute()
    {
        if (OpenClDevice.Listing is not { IsAvailable: true }) Skip = OpenClDevice.Listing.Unavailable;
    }
}

/// <summary>The OpenCL device of the tests.</summary>
internal static class OpenClDevice
{
    // One that reports what ILGPU asks for, or any, or why there is none.
    public static DeviceListing Listing { get; } = Device.List().Where(device => device.Name.Contains("opencl", StringComparison.Ordinal)).OrderByDescending(device => device.IsAvailable).First();

    public static string Name => Listing.Name;
}
