using System.Diagnostics;
using System.Net.Http;
using System.Text.RegularExpressions;
using IlgpuSpp.Data;
using IlgpuSpp.Processes;

namespace IlgpuSpp.Samples.Tests;

/// <summary>The programs in README.md, each in a project of its own that takes the packages as users get them.</summary>
public sealed class ReadmeTests : BuildTest
{
    [Fact]
    public async Task Its_programs_compile_against_the_packages_and_run()
    {
        string[] programs = [.. Regex.Matches(File.ReadAllText(Path.Combine(Repository.Root, "README.md")), "```csharp\n(.*?)```", RegexOptions.Singleline).Select(match => match.Groups[1].Value)];
        Assert.Equal(3, programs.Length);
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
        string[] brought = [.. Directory.EnumerateFiles(_folder["predicts-built"], "*.dll").Select(file => Path.GetFileName(file)!)];
        Assert.DoesNotContain("ILGPU.dll", brought);
        Assert.DoesNotContain("IlgpuSpp.Trainer.dll", brought);

        Make("serves", "Microsoft.NET.Sdk.Web", programs[2], "IlgpuSpp.AspNetCore");
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

    // Packages come from the folder alone, and are unpacked beside it; what those need has been restored for the build already.
    private void UsePackages() => File.WriteAllText(_folder["nuget.config"], $"""
        <configuration>
          <packageSources><clear /><add key="packed" value="packages" /></packageSources>
          <fallbackPackageFolders><clear /><add key="restored" value="{RestoredPackages}" /></fallbackPackageFolders>
        </configuration>
        """);

    // What 'dotnet new' and 'dotnet add package' make.
    private void Make(string name, string sdk, string program, params string[] packages)
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
        Build("build", name, "--output", name + "-built", "-warnaserror", "-p:RestorePackagesPath=" + _folder["unpacked"]);
    }
}
