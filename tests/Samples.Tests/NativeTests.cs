using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using IlgpuSpp.Data;
using IlgpuSpp.Engine.Cpu;
using IlgpuSpp.Inference;
using IlgpuSpp.Models;
using IlgpuSpp.Processes;

namespace IlgpuSpp.Samples.Tests;

/// <summary>The predictor as a native file.</summary>
public sealed class NativeTests : BuildTest
{
    private const double MostMegabytes = 12;

    [NativeFact]
    public void NativePredictor_SaysWhatTheLibrarySays()
    {
        // What it references is built already, and other tests run it now.
        Build("publish", Path.Combine(Repository.Root, "samples/NativePredictor"), "-r", RuntimeInformation.RuntimeIdentifier, "-o", "native", "-p:BuildProjectReferences=false");
        string program = _folder["native/IlgpuSpp.NativePredictor"];
        Assert.InRange(new FileInfo(program).Length / 1e6, 1, MostMegabytes);

        ShapesDataset.Write(_folder["drawn"], new ShapesOptions { TrainImages = 10, ValidationImages = 10, MinSide = 48, MaxSide = 96 });
        string[] files = [.. Directory.EnumerateFiles(_folder["drawn"], "*.png", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
        using var cpu = new CpuBackend();
        Model model = Zoo.Create("spp-small", new ModelOptions { Classes = 10 }, cpu, seed: 4);
        using var classifier = new Classifier(new TrainedModel(model, new InputPreparation { MinSide = 56, CropSize = 48 }, 48));
        classifier.Model.Save(_folder["model.safetensors"]);
        string[] lines = Run(program, ["model.safetensors", .. files]).TrimEnd().Split('\n');
        Assert.Equal(files.Length, lines.Length);
        for (int i = 0; i < files.Length; i++)
        {
            Assert.StartsWith(files[i] + ": ", lines[i], StringComparison.Ordinal);
            double[] said = [.. lines[i][(files[i].Length + 2)..].Split("  ").Select(part => double.Parse(part[(part.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture))];
            IReadOnlyList<Guess> expected = classifier.Predict(files[i], top: 3);
            for (int k = 0; k < 3; k++) Assert.Equal(expected[k].Probability, said[k], 2e-6);
        }
        File.WriteAllText(_folder["words.jpg"], "no picture");
        using Process refused = Start(program, "model.safetensors", "words.jpg");
        Assert.Contains("looks like text", refused.StandardError.ReadToEnd(), StringComparison.Ordinal);
        refused.WaitForExit();
        Assert.Equal(1, refused.ExitCode);
    }
}

/// <summary>A test that publishes natively; skipped where the compiler's package or a linker is not at hand.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class NativeFactAttribute : FactAttribute
{
    public NativeFactAttribute()
    {
        string package = $"runtime.{RuntimeInformation.RuntimeIdentifier}.microsoft.dotnet.ilcompiler";
        if (!OperatingSystem.IsLinux()) Skip = "The native predictor is tried on Linux.";
        else if (!((string[])["clang", "gcc"]).Any(IsOnPath)) Skip = "There is no clang or gcc to link with.";
        else if (!Directory.Exists(Path.Combine(BuildTest.RestoredPackages, package))) Skip = $"The package {package} is not there; 'dotnet publish -c Release -r {RuntimeInformation.RuntimeIdentifier} samples/NativePredictor' fetches it.";
    }

    private static bool IsOnPath(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, program)));
}
