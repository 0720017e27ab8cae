using System.Diagnostics;
using System.Net.Http;
using System.Text.RegularExpressions;
using IlgpuSpp.Data;
using IlgpuSpp.Detection;
using IlgpuSpp.Engine.Cpu;
using IlgpuSpp.Models;
using IlgpuSpp.Processes;
using IlgpuSpp.Training;

namespace IlgpuSpp.Samples.Tests;

/// <summary>The programs in README.md and in those of the packages, each in a project of its own that takes the packages as users get them.</summary>
public sealed class ReadmeTests : BuildTest
{
    private const double MostMegabytes = 5;

    [Fact]
    public async Task Its_programs_compile_against_the_packages_and_run()
    {
        string[] programs = Programs("README.md");
        Assert.Equal(4, programs.Length);
        Build("pack", Path.Combine(Repository.Root, "IlgpuSpp.sln"), "--no-build", "--output", "packages");
        UsePackages();

        // As it stands, then run with one epoch instead of thirty.
        Make("trains", "Microsoft.NET.Sdk", programs[0], "IlgpuSpp.Trainer", "IlgpuSpp.Engine.Ilgpu");
        Assert.Contains("Epochs = 30", programs[0], StringComparison.Ordinal);
        Make("trains", "Microsoft.NET.Sdk", programs[0].Replace("Epochs = 30", "Epochs = 1", StringComparison.Ordinal), "IlgpuSpp.Trainer", "IlgpuSpp.Engine.Ilgpu");
        ShapesDataset.Write(_folder["drawn"], new ShapesOptions { TrainImages = 40, ValidationImages = 10, MinSide = 48, MaxSide = 96 });
        Directory.Move(_folder["drawn/train"], _folder["photos"]);
        File.Copy(Directory.EnumerateFiles(_folder["photos"], "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).First(), _folder["cat.jpg"]);
        string output = Run("dotnet", "trains-built/trains.dll");
        Assert.Matches("epoch 1 of 1: .*%, 00:00 left", output);
        Assert.Contains("best epoch 1:", output, StringComparison.Ordinal);
        string[] guesses = output.TrimEnd().Split('\n')[2..];
        Assert.Equal(3, guesses.Length);

        Make("predicts", "Microsoft.NET.Sdk", programs[1], "IlgpuSpp.Inference");
        Assert.Equal(guesses, Run("dotnet", "predicts-built/predicts.dll").TrimEnd().Split('\n'));
        // All that it brings: neither the trainer nor ILGPU.
        string[] inference =
        [
            "CsvHelper.dll", "Google.Protobuf.dll", "IlgpuSpp.Data.dll", "IlgpuSpp.Engine.dll", "IlgpuSpp.Inference.dll", "IlgpuSpp.Layers.dll", "IlgpuSpp.Models.dll", "Microsoft.Extensions.DependencyInjection.Abstractions.dll",
            "Microsoft.Extensions.Logging.Abstractions.dll", "SixLabors.ImageSharp.dll", "System.Numerics.Tensors.dll", "YamlDotNet.dll",
        ];
        Assert.Equal(inference, Brought("predicts"));
        Assert.InRange(inference.Sum(file => new FileInfo(_folder["predicts-built/" + file]).Length) / 1e6, 1, MostMegabytes);

        TrainDetector("runs/voc");
        Make("detects", "Microsoft.NET.Sdk", programs[2], "IlgpuSpp.Detection");
        Assert.Equal([.. inference.Append("IlgpuSpp.Detection.dll").Order(StringComparer.Ordinal)], Brought("detects"));
        File.Copy(_folder["cat.jpg"], _folder["street.jpg"]);
        Assert.All(Run("dotnet", "detects-built/detects.dll").Split('\n', StringSplitOptions.RemoveEmptyEntries), line => Assert.Matches("^\\S+ [0-9]+\\s?%: [0-9]+, [0-9]+ to [0-9]+, [0-9]+$", line));

        // Each against its package alone, all in one build; those that end are run, one after the other: the classifier takes the model of the run above.
        string[] folders = ["Engine", "Engine.Ilgpu", "Layers", "Models", "Data", "Distributed", "Inference", "Detection", "Pretrained", "Trainer"];
        foreach (string folder in folders) Write(folder, "Microsoft.NET.Sdk", Assert.Single(Programs($"src/{folder}/README.md")), "IlgpuSpp." + folder);
        Write("AspNetCore", "Microsoft.NET.Sdk.Web", Assert.Single(Programs("src/AspNetCore/README.md")), "IlgpuSpp.AspNetCore");
        File.WriteAllText(_folder["packages.slnx"], $"<Solution>{string.Concat(folders.Append("AspNetCore").Select(folder => $"<Project Path=\"{folder}/{folder}.csproj\" />"))}</Solution>");
        Build("build", "packages.slnx", "-warnaserror", "-p:RestorePackagesPath=" + _folder["unpacked"]);
        foreach (string folder in folders)
        {
            if (folder == "Inference") File.Copy(_folder["runs/photos/best.safetensors"], _folder["model.safetensors"], overwrite: true);
            Run("dotnet", $"{folder}/bin/Release/net10.0/{folder}.dll");
        }

        Make("serves", "Microsoft.NET.Sdk.Web", programs[3], "IlgpuSpp.AspNetCore");
        using Process server = Start("dotnet", "serves-built/serves.dll", "--urls", "http://127.0.0.1:0");
        try
        {
            string? address = null;
            while (address is null && await server.StandardOutput.ReadLineAsync() is { } line) address = Regex.Match(line, "http://127.0.0.1:[0-9]+") is { Success: true } found ? found.Value : null;
            Assert.NotNull(address);
            using var client = new HttpClient();
            Assert.Contains("\"photos\"", await client.GetStringAsync(new Uri(address + "/v1/models")), StringComparison.Ordinal);
        }
        finally
        {
            server.Kill();
        }
    }

    private string[] Brought(string name) => [.. Directory.EnumerateFiles(_folder[name + "-built"], "*.dll").Select(file => Path.GetFileName(file)!).Where(file => file != name + ".dll").Order(StringComparer.Ordinal)];

    // Of a few steps: it shall run, not find.
    private void TrainDetector(string folder)
    {
        using var cpu = new CpuBackend();
        using Model start = Zoo.Create("spp-small", new ModelOptions { Classes = 10, Pyramid = [1, 2] }, cpu, seed: 3);
        var options = new DetectorOptions
        {
            Features = new WindowFeatureOptions { Scales = [96], TargetSide = 48 },
            FineTuning = new FineTuningOptions { Iterations = 4, BatchSize = 16, EvaluateEvery = 4, HeldOutShare = 0.25 },
            Boxes = new BoxRegressionOptions { MostPairs = 12 },
        };
        var plan = new ProposalPlan("fast", 100, 20);
        new DetectorTrainer(options, plan.Open()).Train(start, new InputPreparation { Normalisation = InputNormalisation.Constant(128, 64) }, ShapesScenes.Create(8, 2).Train, _folder[folder]);
        File.WriteAllText(_folder[folder + "/proposals.json"], """{"Method":"fast","Most":100,"MinimumSide":20}""");
    }

    private static string[] Programs(string readme) => [.. Regex.Matches(File.ReadAllText(Path.Combine(Repository.Root, readme)), "```csharp\n(.*?)```", RegexOptions.Singleline).Select(match => match.Groups[1].Value)];

    // Packages come from the folder alone, and are unpacked beside it; what those need has been restored for the build already.
    private void UsePackages() => File.WriteAllText(_folder["nuget.config"], $"""
        <configuration>
          <packageSources><clear /><add key="packed" value="packages" /></packageSources>
          <fallbackPackageFolders><clear /><add key="restored" value="{RestoredPackages}" /></fallbackPackageFolders>
        </configuration>
        """);

    private void Make(string name, string sdk, string program, params string[] packages)
    {
        Write(name, sdk, program, packages);
        Build("build", name, "--output", name + "-built", "-warnaserror", "-p:RestorePackagesPath=" + _folder["unpacked"]);
    }

    // What 'dotnet new' and 'dotnet add package' make.
    private void Write(string name, string sdk, string program, params string[] packages)
    {
        Directory.CreateDirectory(_folder[name]);
        File.WriteAllText(_folder[$"{name}/{name}.csproj"], $"""
            <Project Sdk="{sdk}">
              <PropertyGroup>
                {(sdk.EndsWith("Web", StringComparison.Ordinal) ? "" : "<OutputType>Exe</OutputType>")}
                <TargetFramework>net10.0</TargetFramework>
                <ImplicitUsings>enable</ImplicitUsings>
                <Nullable>enable</Nullable>
              </PropertyGroup>
              <ItemGroup>
            {string.Concat(packages.Select(package => $"    <PackageReference Include=\"{package}\" Version=\"*\" />\n"))}  </ItemGroup>
            </Project>
            """);
        File.WriteAllText(_folder[$"{name}/Program.cs"], program);
    }
}
