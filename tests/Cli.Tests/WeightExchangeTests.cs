using System.Text.Json;
using IlgpuSpp.Data.Imaging;
using IlgpuSpp.Models.Tests.Caffe;

namespace IlgpuSpp.Cli.Tests;

/// <summary><c>models import</c> and <c>models export</c> from outside.</summary>
public sealed class WeightExchangeTests : CommandTest
{
    [Fact]
    public void CaffeNetwork_IsImportedUsedAndExported()
    {
        CaffeSample sample = CaffeSamples.ReleasedForm;
        File.WriteAllText(_folder["net.prototxt"], sample.Prototxt);
        _folder.Write("net.caffemodel", CaffeWire.Network(sample.Layers, sample.Form));
        File.WriteAllLines(_folder["names.txt"], ["ant", "bee", "cat", "dog", "elk"]);
        var image = new RgbImage(70, 60);
        for (int i = 0; i < image.Pixels.Length; i++) image.Pixels[i] = (byte)(i * 31 % 251);
        string photo = _folder.Write("photo.png", ImageWriter.Png(image));

        ProgramRun imported = Done("models", "import", "--prototxt", "net.prototxt", "--caffemodel", "net.caffemodel", "--classes", "names.txt", "--out", "net.safetensors");
        Assert.Contains("pyramid 1,2,3,6, input 57 pixels, channels BGR", imported.Output, StringComparison.Ordinal);
        Assert.Contains("names no mean; 128,128,128", imported.Error, StringComparison.Ordinal);
        JsonElement guess = JsonDocument.Parse(Done("predict", "--model", "net.safetensors", photo, "--top", "5", "--json").Output).RootElement;
        Assert.Equal(["ant", "bee", "cat", "dog", "elk"], guess.GetProperty("classes").EnumerateArray().Select(entry => entry.GetProperty("name").GetString()!).Order(StringComparer.Ordinal));
        Done("models", "export", "--model", "net.safetensors", "--out", "net.onnx");
        Assert.True(new FileInfo(_folder["net.onnx"]).Length > 40_000);

        Fails(1, "give the size", "models", "export", "--model", "net.safetensors", "--out", "no.onnx", "--dynamic");
        Fails(2, "exclude", "models", "export", "--model", "net.safetensors", "--out", "no.onnx", "--dynamic", "--size", "57");
        Fails(2, "--caffemodel", "models", "import", "--prototxt", "net.prototxt", "--out", "no.safetensors");
        Fails(2, "--as", "models", "import", "--safetensors", "net.safetensors", "--out", "no.safetensors");
        Fails(2, "resnet50", "models", "import", "--safetensors", "net.safetensors", "--as", "resnet50", "--out", "no.safetensors");
        File.AppendAllText(_folder["net.prototxt"], "layers { name: \"odd\" type: TANH bottom: \"fc8\" top: \"end\" }\n");
        Fails(1, "layer 'odd': layers of type TANH", "models", "import", "--prototxt", "net.prototxt", "--caffemodel", "net.caffemodel", "--out", "no.safetensors");
        Assert.False(File.Exists(_folder["no.safetensors"]) || File.Exists(_folder["no.onnx"]));
    }

    private void Fails(int exitCode, string reason, params string[] arguments)
    {
        ProgramRun run = Run(arguments);
        Assert.True(run.ExitCode == exitCode, $"exit {run.ExitCode}: {run.Output}{run.Error}");
        Assert.Contains(reason, run.Error, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("   at ", run.Error, StringComparison.Ordinal);
    }
}
