using System.Text.Json;

namespace IlgpuSpp.Cli.Tests;

/// <summary>Trained weights by name and ONNX files, from outside. The cache is an empty folder of the test's.</summary>
public sealed class PretrainedCommandTests : CommandTest
{
    private const string Variable = "ILGPUSPP_CACHE";

    private readonly string? _before = Environment.GetEnvironmentVariable(Variable);

    // Programs that are started inherit it.
    public PretrainedCommandTests() => Environment.SetEnvironmentVariable(Variable, _folder["cache"]);

    protected override void Dispose(bool disposing)
    {
        Environment.SetEnvironmentVariable(Variable, _before);
        base.Dispose(disposing);
    }

    [Fact]
    public void Pull_ListsWhatThereIs()
    {
        JsonElement entry = JsonDocument.Parse(Done("models", "pull", "--json").Output.Split('\n')[0]).RootElement;
        Assert.Equal("resnet18-imagenet", entry.GetProperty("name").GetString());
        Assert.Equal("Microsoft.ML.DnnImageFeaturizer.ResNet18 0.23.1", entry.GetProperty("source").GetString());
        Assert.Equal("MIT", entry.GetProperty("licence").GetString());
        Assert.Equal(59_500_419, entry.GetProperty("bytes").GetInt64());
        Assert.Equal(JsonValueKind.Null, entry.GetProperty("file").ValueKind);
        Assert.Contains("not here yet; ilgpuspp models pull resnet18-imagenet", Done("models", "pull").Output, StringComparison.Ordinal);
        Fails(2, "there are no weights 'resnet18'; did you mean resnet18-imagenet? There are resnet18-imagenet", "models", "pull", "resnet18");
    }

    [Fact]
    public void MissingWeights_AreOneLineWithTheCommandToRun()
    {
        const string Advice = "resnet18-imagenet is not in the cache; run 'ilgpuspp models pull resnet18-imagenet' first, or add --yes";
        Directory.CreateDirectory(_folder["photos"]);
        Fails(2, Advice, "train", "--data", "photos", "--from", "resnet18-imagenet");
        Fails(2, Advice, "features", "photos", "--model", "resnet18-imagenet", "--layer", "avgpool", "--out", "f.csv");
        Fails(2, Advice, "transfer", "--data", "photos", "--model", "resnet18-imagenet");
        Fails(2, Advice, "detect", "train", "--data", "photos", "--from", "resnet18-imagenet");
        Fails(2, "name one with --from", "train", "--hidden", "5");
    }

    [Fact]
    public void OnnxFile_IsImportedWithItsPreparationAndGetsANewHead()
    {
        Done("train", "--shapes", "200", "--sizes", "48", "--epochs", "1", "--levels", "2,1", "--batch", "32", "--out", "first", "--quiet");
        Done("models", "export", "--model", "first/best.safetensors", "--out", "net.onnx", "--dynamic");
        ProgramRun imported = Done("models", "import", "--onnx", "net.onnx", "--out", "net.safetensors");
        Assert.Contains("pyramid 2,1, input 48 pixels, channels RGB", imported.Output, StringComparison.Ordinal);
        Assert.Equal("", imported.Error);
        // No preparation is said where options change it, and none is needed.
        Assert.Contains("channels BGR", Done("models", "import", "--onnx", "net.onnx", "--mean", "104,117,123", "--channels", "bgr", "--out", "other.safetensors").Output, StringComparison.Ordinal);
        Done("train", "--shapes", "200", "--from", "net.safetensors", "--levels", "3,1", "--at", "conv3", "--hidden", "8", "--epochs", "1", "--out", "second", "--quiet");
        Assert.True(File.Exists(_folder["second/best.safetensors"]));

        // A head alone learns from what the layers in front give, which other runs find again, whatever their head.
        string[] head = ["train", "--shapes", "200", "--from", "net.safetensors", "--levels", "3,1", "--at", "conv3", "--epochs", "2"];
        Assert.Contains("features of the frozen layers: 450 views of images, 250 of them from the cache", Done([.. head, "--out", "third"]).Output, StringComparison.Ordinal);
        Assert.Contains("features of the frozen layers: 450 views of images, 450 of them from the cache", Done([.. head, "--out", "fourth", "--hidden", "4"]).Output, StringComparison.Ordinal);
        JsonElement cache = JsonDocument.Parse(Done("cache", "--json").Output).RootElement;
        Assert.Equal((_folder["cache"], 450), (cache.GetProperty("folder").GetString(), cache.GetProperty("feature_files").GetInt32()));
        Assert.Contains("features  0 files, 0.0 MB", Done("cache", "--clear").Output, StringComparison.Ordinal);
        Assert.Contains("450 views of images, 0 of them from the cache", Done([.. head, "--out", "fifth", "--feature-cache", "0"]).Output, StringComparison.Ordinal);
        Assert.Contains("features  0 files", Done("cache").Output, StringComparison.Ordinal);
        Assert.Equal(File.ReadAllBytes(_folder["third/last.safetensors"]), File.ReadAllBytes(_folder["fifth/last.safetensors"]));
        Assert.DoesNotContain("features of the frozen", Done([.. head, "--out", "sixth", "--fixed-views", "0", "--augment", "paper"]).Output, StringComparison.Ordinal);
        Fails(2, "leave one of them out", [.. head, "--fixed-views", "2", "--augment", "paper"]);
        Fails(2, "leave one of them out", [.. head, "--fixed-views", "2", "--recipe", "paper"]);
        Fails(2, "--feature-cache must be at least 0, not -1", [.. head, "--feature-cache", "-1"]);
        Fails(2, "needs layers at the network's front", "train", "--shapes", "200", "--fixed-views", "2");

        File.WriteAllBytes(_folder["cut.onnx"], File.ReadAllBytes(_folder["net.onnx"])[..1000]);
        Fails(1, "it is cut off", "models", "import", "--onnx", "cut.onnx", "--out", "no.safetensors");
        Fails(2, "--channels is rgb or bgr", "models", "import", "--onnx", "net.onnx", "--channels", "grey", "--out", "no.safetensors");
        Fails(2, "conv9", "train", "--shapes", "200", "--from", "net.safetensors", "--at", "conv9", "--out", "third");
        Assert.False(File.Exists(_folder["no.safetensors"]));
    }

    private void Fails(int exitCode, string reason, params string[] arguments)
    {
        ProgramRun run = Run(arguments);
        Assert.True(run.ExitCode == exitCode, $"exit {run.ExitCode}: {run.Output}{run.Error}");
        Assert.Contains(reason, run.Error, StringComparison.Ordinal);
        Assert.Single(run.Error.TrimEnd().Split('\n'));
    }
}
