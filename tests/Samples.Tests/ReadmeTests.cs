using System.Diagnostics;
using System.Net.Http;
using System.Text.RegularExpressions;
using IlgpuSpp.Data;
using IlgpuSpp.Processes;

namespace IlgpuSpp.Samples.Tests;

/// <summary>The programs in README.md, each in a project of its own that takes the packages as users get them.</summary>
public sealed class ReadmeTests : FolderTest
{
    [Fact]
    public async Task Its_programs_compile_against_the_packages_and_run()
    {
        string[] programs = [.. Regex.Matches(File.ReadAllText(Path.Combine(NativeFactAttribute.Root, "README.md")), "```csharp\n(.*?)```", RegexOptions.Singleline).Select(match => match.Groups[1].Value)];
        Assert.Equal(3, programs.Length);
        Dotnet("pack", Path.Combine(NativeFactAttribute.Root, "IlgpuSpp.sln"), "--configuration", "Release", "--no-build", "--output", "packages", "--nologo", "--verbosity", "quiet", "-nodeReuse:false");
        UsePackages();

        // As it stands, then run with one epoch instead of thirty.
        Build("trains", "Microsoft.NET.Sdk", programs[0], "IlgpuSpp.Trainer", "IlgpuSpp.Engine.Ilgpu");
        Assert.Contains("Epochs = 30", programs[0], StringComparison.Ordinal);
        Build("trains", "Microsoft.NET.Sdk", programs[0].Replace("Epochs = 30", "Epochs = 1", StringComparison.Ordinal), "IlgpuSpp.Trainer", "IlgpuSpp.Engine.Ilgpu");
        ShapesDataset.Write(_folder["drawn"], new ShapesOptions { TrainImages = 40, ValidationImages = 10, MinSide = 48, MaxSide = 96 });
        Directory.Move(_folder["drawn/train"], _folder["photos"]);
        File.Copy(Directory.EnumerateFiles(_folder["photos"], "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).First(), _folder["cat.jpg"]);
        string output = Dotnet(Path.Combine("trains-built", "trains.dll"));
        Assert.Matches("epoch 1 of 1: .*%, 00:00 left", output);
        Assert.Contains("best epoch 1:", output, StringComparison.Ordinal);
        string[] guesses = output.TrimEnd().Split('\n')[2..];
        Assert.Equal(3, guesses.Length);

        Build("predicts", "Microsoft.NET.Sdk", programs[1], "IlgpuSpp.Inference");
        Assert.Equal(guesses, Dotnet(Path.Combine("predicts-built", "predicts.dll")).TrimEnd().Split('\n'));
        string[] brought = [.. Directory.EnumerateFiles(_folder["predicts-built"], "*.dll").Select(file => Path.GetFileName(file)!)];
        Assert.DoesNotContain("ILGPU.dll", brought);
        Assert.DoesNotContain("IlgpuSpp.Trainer.dll", brought);

        Build("serves", "Microsoft.NET.Sdk.Web", programs[2], "IlgpuSpp.AspNetCore");
        using Process server = Start(Path.Combine("serves-built", "serves.dll"), "--urls", "http://127.0.0.1:0");
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

    // Packages of these tests come from their folder alone, and are unpacked beside them; what those need has been restored for the build already.
    private void UsePackages() => File.WriteAllText(_folder["nuget.config"], $"""
        <configuration>
          <config><add key="globalPackagesFolder" value="unpacked" /></config>
          <packageSources><clear /><add key="packed" value="packages" /></packageSources>
          <fallbackPackageFolders><clear /><add key="restored" value="{Environment.GetEnvironmentVariable("NUGET_PACKAGES") ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages")}" /></fallbackPackageFolders>
        </configuration>
        """);

    // What 'dotnet new' and 'dotnet add package' make.
    private void Build(string name, string sdk, string program, params string[] packages)
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
        Dotnet("build", name, "--output", name + "-built", "--nologo", "--verbosity", "quiet", "-nodeReuse:false", "-p:UseSharedCompilation=false", "-warnaserror");
    }

    private string Dotnet(params string[] arguments)
    {
        using Process process = Start(arguments);
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, output + error.Result);
        return output;
    }

    private Process Start(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", arguments) { WorkingDirectory = _folder.Root, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1";
        start.Environment.Remove("MSBuildSDKsPath");
        // The folder's own settings hold.
        start.Environment.Remove("NUGET_PACKAGES");
        return Process.Start(start)!;
    }
}
