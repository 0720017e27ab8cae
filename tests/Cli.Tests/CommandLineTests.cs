using System.Globalization;
using System.Text.Json;
using IlgpuSpp.Data.Imaging;

namespace IlgpuSpp.Cli.Tests;

/// <summary>The command from outside: exit codes, the fixed JSON fields, one-line errors.</summary>
public sealed class CommandLineTests : CommandTest
{
    private void Fails(int exitCode, string reason, params string[] arguments)
    {
        ProgramRun run = Run(arguments);
        Assert.True(run.ExitCode == exitCode, $"exit {run.ExitCode}: {run.Output}{run.Error}");
        Assert.Contains(reason, run.Error, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("   at ", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void WrongUsage_IsExitCode2()
    {
        Fails(2, "--epochs", "train", "--epochs", "many");
        Fails(2, "--help", "fly");
        Fails(2, "plateau, step, cosine, constant", "train", "--schedule", "zigzag");
        Fails(2, "--levels", "models", "zf5", "--levels", "6,0");
        Fails(2, "--val needs --data", "train", "--val", "x");
        Fails(2, "WIDTHxHEIGHT", "models", "zf5", "--size", "224x");
    }

    [Fact]
    public void Train_RefusesUnusableDataInOneLine()
    {
        Fails(1, "no such folder", "train", "--data", "nowhere");
        Directory.CreateDirectory(_folder["empty"]);
        Fails(1, "empty", "train", "--data", "empty");
        _folder.Write("one/cats/a.png", Png(40, 30));
        Fails(1, "single class", "train", "--data", "one");
        _folder.Write("gap/cats/a.png", Png(40, 30));
        Directory.CreateDirectory(_folder["gap/dogs"]);
        Fails(1, "no images", "train", "--data", "gap");
        Fails(2, "there is no network", "train", "--data", "gap", "--model", "zf9");
    }

    [Fact]
    public void Train_RefusesASizeThatTheNetworkCannotTake() =>
        Fails(2, "smallest that works", "train", "--model", "zf5", "--sizes", "20", "--shapes", "40", "--out", "run");

    [Fact]
    public void TrainEvalPredict_WorkTogether()
    {
        ProgramRun train = Run("train", "--shapes", "160", "--epochs", "2", "--sizes", "64,48", "--out", "run", "--threads", "2");
        Assert.True(train.ExitCode == 0, train.Error);
        foreach (string file in (string[])["config.json", "metrics.csv", "best.safetensors", "last.safetensors", "report.html"])
            Assert.True(File.Exists(_folder["run/" + file]), file);
        Assert.Equal(3, File.ReadAllLines(_folder["run/metrics.csv"]).Length);

        JsonElement eval = JsonOf(Run("eval", "--model", "run/best.safetensors", "--json", "--views", "full"));
        Assert.Equal(1000, eval.GetProperty("images").GetInt32());
        // What the table of classes adds up to.
        string[] table = Run("eval", "--model", "run/best.safetensors", "--views", "full").Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        int[][] counts = [.. table[1..^1].Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Select(fields => new[] { int.Parse(fields[1], CultureInfo.InvariantCulture), int.Parse(fields[2], CultureInfo.InvariantCulture) })];
        Assert.Equal(1000, counts.Sum(row => row[0]));
        Assert.Equal(counts.Sum(row => row[1]) / 1000.0, eval.GetProperty("top1").GetDouble(), 1e-9);
        Assert.True(eval.GetProperty("loss").GetDouble() > 0 && eval.GetProperty("seconds").GetDouble() > 0);

        string photo = _folder.Write("wide photo.png", Png(130, 50));
        JsonElement answer = JsonOf(Run("predict", "--model", "run/best.safetensors", photo, "--top", "3", "--json"));
        Assert.Equal((photo, 130, 50), (answer.GetProperty("file").GetString(), answer.GetProperty("width").GetInt32(), answer.GetProperty("height").GetInt32()));
        JsonElement[] classes = [.. answer.GetProperty("classes").EnumerateArray()];
        Assert.Equal(3, classes.Length);
        Assert.True(classes[0].GetProperty("probability").GetDouble() >= classes[1].GetProperty("probability").GetDouble());
        Assert.NotEmpty(classes[0].GetProperty("name").GetString()!);

        Fails(2, "already", "train", "--shapes", "40", "--out", "run");
        _folder.Write("notes.jpg", "hello, I am text"u8.ToArray());
        Fails(1, "notes.jpg", "predict", "--model", "run/best.safetensors", "notes.jpg");
        Fails(1, "there is no such file", "predict", "--model", "run/best.safetensors", "missing.png");
        Fails(1, "no such model file", "predict", "--model", "nothing.safetensors", photo);
        Fails(1, "is a folder", "predict", "--model", "run", photo);
    }

    [Fact]
    public void ViewsFeaturesTransferAndFineTuning_WorkOnOneModel()
    {
        ProgramRun train = Run("train", "--shapes", "60", "--epochs", "1", "--sizes", "48", "--out", "run", "--threads", "2", "--quiet");
        Assert.True(train.ExitCode == 0, train.Error);
        const string Model = "run/best.safetensors";
        string photo = _folder.Write("photo.png", Png(130, 60));
        string[] names = [.. JsonOf(Run("predict", "--model", Model, photo, "--top", "2", "--json", "--views", "multi+full")).GetProperty("classes").EnumerateArray().Select(c => c.GetProperty("name").GetString()!)];
        for (int i = 0; i < 8; i++) _folder.Write($"images/{names[i % 2]}/{i}.png", Png(60 + 5 * i, 70));

        string[] lines = Run("eval", "--model", Model, "--data", "images", "--views", "full+flip,ten,multi,multi-crops", "--scales", "48,64", "--json").Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(["full+flip", "ten", "multi", "multi-crops"], lines[..4].Select(line => JsonDocument.Parse(line).RootElement.GetProperty("view").GetString()));
        Assert.InRange(JsonDocument.Parse(lines[4]).RootElement.GetProperty("mean_difference").GetDouble(), 0, 0.2);
        Fails(2, "--scales must be at least the view's 48 pixels each, but one is 40", "eval", "--model", Model, "--data", "images", "--views", "multi", "--scales", "40");
        Fails(2, "--scales belongs", "eval", "--model", Model, "--data", "images", "--views", "ten", "--scales", "64");
        Assert.Equal(0, Run("eval", "--model", Model, "--model", Model, "--data", "images").ExitCode);
        Assert.Equal(Run("predict", "images", "--model", Model).Output, Run("predict", "images", "--model", Model, "--model", Model, "--model", Model, "--model", Model).Output);
        Fails(2, "multi-crops", "eval", "--model", Model, "--data", "images", "--views", "eleven");

        Assert.Equal(0, Run("features", "images", "--model", Model, "--layer", "conv4@1+2", "--out", "f.csv", "--pictures", "pictures", "--filters", "2", "--top", "2").ExitCode);
        string[] rows = File.ReadAllLines(_folder["f.csv"]);
        Assert.Equal(9, rows.Length);
        Assert.Equal(2 + 128 * 5, rows[1].Split(',').Length);
        Assert.True(File.Exists(_folder["pictures/index.html"]) && File.Exists(_folder["pictures/heat-1.png"]) && File.Exists(_folder["pictures/channels-1.png"]));
        Assert.Equal(0, Run("features", "images", "--model", Model, "--layer", "conv4", "--pictures", "named", "--filters", "127,3", "--top", "1").ExitCode);
        Assert.Equal(["filter-127-1.png", "filter-3-1.png"], Directory.GetFiles(_folder["named"], "filter-*.png").Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Fails(1, "conv4 has the filters 0 to 127; there is no filter 128", "features", "images", "--model", Model, "--layer", "conv4", "--pictures", "none", "--filters", "5,128");
        Assert.False(Directory.Exists(_folder["none"]));
        foreach (string wrong in (string[])["0", "-1", "5,x", ",", "many"]) Fails(2, $"--filters takes a number of filters from 1, or the numbers of filters such as 55,66,118, not '{wrong}'", "features", "images", "--model", Model, "--layer", "conv4", "--pictures", "none", "--filters", wrong);
        Fails(2, "the network has conv1, bn_conv1", "features", "images", "--model", Model, "--layer", "conv9", "--out", "g.csv");
        Fails(1, "pool them with levels", "features", "images", "--model", Model, "--layer", "conv4", "--out", "g.csv");
        Fails(2, "--out for numbers", "features", "images", "--model", Model, "--layer", "conv4");

        ProgramRun transfer = Run("transfer", "--model", Model, "--data", "images", "--layers", "conv4,pyramid", "--splits", "2", "--out", "judged");
        Assert.True(transfer.ExitCode == 0, transfer.Error);
        Assert.Contains("too few images", transfer.Error, StringComparison.Ordinal);
        Assert.Equal(6, File.ReadAllLines(_folder["judged/transfer.csv"]).Length);
        Assert.Contains("| pyramid |", File.ReadAllText(_folder["judged/transfer.md"]), StringComparison.Ordinal);

        ProgramRun tuned = Run("train", "--from", Model, "--data", "images", "--split", "0.5", "--epochs", "1", "--batch", "4", "--freeze", "conv*,bn_conv*", "--lr-mult", "fc5=0.5", "--out", "tuned", "--quiet");
        Assert.True(tuned.ExitCode == 0, tuned.Error);
        Fails(2, "there are conv1, bn_conv1", "train", "--from", Model, "--data", "images", "--freeze", "conv9", "--out", "other");
        Fails(2, "brings its own network", "train", "--from", Model, "--model", "zf5");
        Fails(2, "layers and factors", "train", "--from", Model, "--lr-mult", "conv1");
    }

    [Fact]
    public void DamagedModels_AreRefused()
    {
        string photo = _folder.Write("a.png", Png(60, 60));
        _folder.Write("short.safetensors", [1, 2, 3]);
        Fails(1, "short.safetensors", "predict", "--model", "short.safetensors", photo);
        _folder.Write("huge.safetensors", [255, 255, 255, 255, 255, 255, 255, 127, (byte)'{', (byte)'}']);
        Fails(1, "huge.safetensors", "predict", "--model", "huge.safetensors", photo);
    }

    // What Ctrl-C sends, and what a service manager sends.
    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    public void Interrupt_SavesAndResumeGoesOn(string signal)
    {
        using (var process = ProgramRun.Start("ilgpuspp.dll", _folder.Root, "train", "--shapes", "400", "--epochs", "50", "--sizes", "48", "--schedule", "constant", "--out", "run"))
        {
            string? line;
            while ((line = process.StandardOutput.ReadLine()) is not null && !line.StartsWith("epoch 1/", StringComparison.Ordinal)) { }
            using var kill = System.Diagnostics.Process.Start("kill", ["-" + signal, process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
            process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            Assert.Equal(130, process.ExitCode);
        }
        ProgramRun resumed = Run("train", "--resume", "run", "--epochs", "6");
        Assert.True(resumed.ExitCode == 0, resumed.Error);
        Assert.Equal(7, File.ReadAllLines(_folder["run/metrics.csv"]).Length);
        Assert.True(File.Exists(_folder["run/last.safetensors"]));
    }

    [Fact]
    public void Bench_PrintsTheFixedFields()
    {
        JsonElement result = JsonOf(Run("bench", "gemm", "--size", "64", "--reps", "3", "--threads", "1"));
        Assert.Equal("gemm", result.GetProperty("case").GetString());
        Assert.Equal((3, 1, 1), (result.GetProperty("reps").GetInt32(), result.GetProperty("images").GetInt32(), result.GetProperty("threads").GetInt32()));
        Assert.True(result.GetProperty("median_ms").GetDouble() >= result.GetProperty("min_ms").GetDouble());
    }

    [Theory]
    [InlineData("forward")]
    [InlineData("train")]
    public void Bench_TakesNetworksByNameAndByFile(string work)
    {
        string[] setting = ["bench", work, "--batch", "2", "--size", "40x32", "--reps", "1", "--threads", "1"];
        Assert.Equal(2, JsonOf(Run([.. setting, "--model", "spp-small"])).GetProperty("images").GetInt32());
        Assert.Equal(0, Run("train", "--shapes", "20", "--sizes", "24", "--epochs", "1", "--quiet", "--out", "run").ExitCode);
        Assert.Equal(2, JsonOf(Run([.. setting, "--model", "run/last.safetensors"])).GetProperty("images").GetInt32());
        Fails(2, "--model goes with forward, train, layers, predict and startup", "bench", "gemm", "--model", "spp-small");
        Fails(2, "--size takes one number", "bench", "gemm", "--size", "40x32");
        Fails(2, "leave --size out", "bench", "rcnn", "--size", "40");
    }

    [Fact]
    public void Bench_TimesTheLoaderAndPredictions()
    {
        Assert.Equal(0, Run("data", "shapes", "images", "--train", "20", "--val", "10").ExitCode);
        JsonElement load = JsonOf(Run("bench", "load", "--data", "images", "--size", "48", "--batch", "8", "--reps", "2", "--threads", "2"));
        Assert.Equal((30, 2), (load.GetProperty("images").GetInt32(), load.GetProperty("reps").GetInt32()));
        Assert.Equal(0, Run("train", "--shapes", "20", "--sizes", "24", "--epochs", "1", "--quiet", "--out", "run").ExitCode);
        string image = Directory.EnumerateFiles(_folder["images"], "*.png", SearchOption.AllDirectories).First();
        double predict = JsonOf(Run("bench", "predict", "--model", "run/last.safetensors", "--data", image, "--reps", "3", "--threads", "1")).GetProperty("median_ms").GetDouble();
        // A program of its own starts, loads and compiles before it does the same.
        Assert.InRange(JsonOf(Run("bench", "startup", "--model", "run/last.safetensors", "--data", image, "--reps", "1", "--threads", "1")).GetProperty("median_ms").GetDouble(), predict, double.MaxValue);
        Fails(2, "load needs --data", "bench", "load");
        Fails(2, "predict needs --model", "bench", "predict", "--data", image);
        Fails(2, "startup needs --model", "bench", "startup", "--model", "spp-small", "--data", image);
        Fails(2, "--data goes with load, predict and startup", "bench", "gemm", "--data", "images");
    }

    [Fact]
    public void ModelsAndInfo_Answer()
    {
        ProgramRun models = Run("models", "zf5", "--size", "300x180", "--classes", "10");
        Assert.True(models.ExitCode == 0, models.Error);
        Assert.Contains("[1, 12800]", models.Output, StringComparison.Ordinal);
        Fails(1, "smallest that works", "models", "zf5", "--size", "20");
        Assert.Contains("cpu", Run("info").Output, StringComparison.Ordinal);
    }

    private static JsonElement JsonOf(ProgramRun run)
    {
        Assert.True(run.ExitCode == 0, run.Error);
        return JsonDocument.Parse(run.Output.TrimEnd().Split('\n')[^1]).RootElement;
    }

    private static byte[] Png(int width, int height)
    {
        var image = new RgbImage(width, height);
        for (int i = 0; i < image.Pixels.Length; i++) image.Pixels[i] = (byte)(i * 31 % 251);
        return ImageWriter.Png(image);
    }
}
