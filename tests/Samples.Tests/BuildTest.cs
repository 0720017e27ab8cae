using System.Diagnostics;
using IlgpuSpp.Processes;

namespace IlgpuSpp.Samples.Tests;

/// <summary>Tests that build programs in their folder and run them.</summary>
public abstract class BuildTest : FolderTest
{
    // Servers of a build would outlive it.
    private static readonly string[] s_alone = ["--configuration", "Release", "--nologo", "--verbosity", "quiet", "-nodeReuse:false", "-p:UseSharedCompilation=false"];

    /// <summary>Where the packages are that the solution was restored with.</summary>
    internal static string RestoredPackages => Environment.GetEnvironmentVariable("NUGET_PACKAGES") ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");

    /// <summary>Runs a command of the SDK on projects.</summary>
    private protected void Build(params string[] arguments) => Run("dotnet", [.. arguments, .. s_alone]);

    /// <summary>Runs a program to its end, which must be a good one; returns what it printed.</summary>
    private protected string Run(string program, params string[] arguments)
    {
        using Process process = Start(program, arguments);
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, output + error.Result);
        return output;
    }

    /// <summary>Starts a program in the folder.</summary>
    private protected Process Start(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = _folder.Root, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1";
        start.Environment.Remove("MSBuildSDKsPath");
        return Process.Start(start)!;
    }
}
