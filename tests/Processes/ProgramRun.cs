using System.Diagnostics;

namespace IlgpuSpp.Processes;

/// <summary>A program run to its end in a process of its own.</summary>
internal sealed record ProgramRun(int ExitCode, string Output, string Error)
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(4);

    /// <summary>Runs an assembly built beside the tests.</summary>
    public static ProgramRun Of(string assembly, string workingFolder, params string[] arguments) => With([], assembly, workingFolder, arguments);

    /// <summary>The same with variables of the environment.</summary>
    public static ProgramRun With((string Name, string Value)[] variables, string assembly, string workingFolder, params string[] arguments)
    {
        using Process process = Start(variables, assembly, workingFolder, arguments);
        Task<string> output = process.StandardOutput.ReadToEndAsync(), error = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(Limit))
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{assembly} {string.Join(' ', arguments)} ran past {Limit}.");
        }
        return new ProgramRun(process.ExitCode, output.Result, error.Result);
    }

    public static Process Start(string assembly, string workingFolder, params string[] arguments) => Start([], assembly, workingFolder, arguments);

    private static Process Start((string Name, string Value)[] variables, string assembly, string workingFolder, string[] arguments)
    {
        // A shell starts its background jobs with SIGINT ignored and nohup its program with SIGHUP ignored, and programs inherit that; the one under test shall answer to both however the tests were started.
        string[] command = OperatingSystem.IsLinux() ? ["env", "--default-signal=INT,HUP", "dotnet"] : ["dotnet"];
        var start = new ProcessStartInfo(command[0], command[1..]) { WorkingDirectory = workingFolder, RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, assembly));
        foreach (string argument in arguments) start.ArgumentList.Add(argument);
        foreach ((string name, string value) in variables) start.Environment[name] = value;
        return Process.Start(start)!;
    }
}
