using System.Diagnostics;
using IlgpuSpp.Data;
using IlgpuSpp.Processes;

namespace IlgpuSpp.Samples.Tests;

/// <summary>The program in README.md, in a project of its own.</summary>
public sealed class ReadmeTests : FolderTest
{
    [Fact]
    public void The_program_compiles_as_it_stands_and_shows_its_progress()
    {
        string snippet = Snippet();

        // What 'dotnet new console' makes, with references to the assemblies built beside the tests.
        string[] references = ["IlgpuSpp.Data", "IlgpuSpp.Engine", "IlgpuSpp.Engine.Ilgpu", "IlgpuSpp.Inference", "IlgpuSpp.Layers", "IlgpuSpp.Models", "IlgpuSpp.Trainer", "Microsoft.Extensions.Logging.Abstractions"];
        Directory.CreateDirectory(_folder["fresh"]);
        File.WriteAllText(_folder["fresh/fresh.csproj"], $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <ImplicitUsings>enable</ImplicitUsings>
                <Nullable>enable</Nullable>
              </PropertyGroup>
              <ItemGroup>
            {string.Concat(references.Select(name => $"    <Reference Include=\"{name}\" HintPath=\"{Path.Combine(AppContext.BaseDirectory, name + ".dll")}\" />\n"))}  </ItemGroup>
            </Project>
            """);
        File.WriteAllText(_folder["fresh/Program.cs"], snippet);
        Dotnet("build", "fresh", "--output", "built", "--nologo", "--verbosity", "quiet", "-nodeReuse:false", "-p:UseSharedCompilation=false", "-warnaserror");

        // The same program runs, with one epoch instead of thirty.
        Assert.Contains("Epochs = 30", snippet, StringComparison.Ordinal);
        File.WriteAllText(_folder["fresh/Program.cs"], snippet.Replace("Epochs = 30", "Epochs = 1", StringComparison.Ordinal));
        Dotnet("build", "fresh", "--output", "built", "--nologo", "--verbosity", "quiet", "-nodeReuse:false", "-p:UseSharedCompilation=false");
        ShapesDataset.Write(_folder["drawn"], new ShapesOptions { TrainImages = 40, ValidationImages = 10, MinSide = 48, MaxSide = 96 });
        Directory.Move(_folder["drawn/train"], _folder["photos"]);
        File.Copy(Directory.EnumerateFiles(_folder["photos"], "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).First(), _folder["cat.jpg"]);
        string output = Dotnet(Path.Combine("built", "fresh.dll"));
        Assert.Matches("epoch 1 of 1: .*%, 00:00 left", output);
        Assert.Contains("best epoch 1:", output, StringComparison.Ordinal);
        Assert.Equal(3, output.TrimEnd().Split('\n').Length - 2);
    }

    private static string Snippet()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "IlgpuSpp.sln"))) folder = folder.Parent;
        string readme = File.ReadAllText(Path.Combine(folder!.FullName, "README.md"));
        int begin = readme.IndexOf("```csharp\n", StringComparison.Ordinal) + "```csharp\n".Length;
        return readme[begin..readme.IndexOf("```", begin, StringComparison.Ordinal)];
    }

    private string Dotnet(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", arguments) { WorkingDirectory = _folder.Root, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1";
        start.Environment.Remove("MSBuildSDKsPath");
        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, output + error.Result);
        return output;
    }
}
