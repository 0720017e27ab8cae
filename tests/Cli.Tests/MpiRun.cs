using System.Diagnostics;

namespace IlgpuSpp.Cli.Tests;

/// <summary>A command started on several ranks by a launcher of the system.</summary>
internal static class MpiRun
{
    public const string OpenMpi = "mpirun.openmpi", Mpich = "mpirun.mpich";

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(4);

    /// <summary>Why a test with the launcher is skipped; null where it is installed.</summary>
    public static string? Missing(string launcher) => Path.Exists("/usr/bin/" + launcher) ? null : $"{launcher} is not installed (Debian: {(launcher == OpenMpi ? "openmpi-bin" : "mpich")}).";

    /// <summary>Runs the command to its end.</summary>
    public static ProgramRun Of(string launcher, int ranks, string folder, params string[] arguments) => End(Start(launcher, ranks, folder, "", arguments), "");

    /// <summary>Starts it; every rank writes its process to <c>rank.N</c>.</summary>
    /// <param name="launcher">The launcher.</param>
    /// <param name="ranks">Number of ranks.</param>
    /// <param name="folder">Where they work.</param>
    /// <param name="before">What the shell of every rank does first.</param>
    /// <param name="arguments">The command line.</param>
    public static Process Start(string launcher, int ranks, string folder, string before, params string[] arguments)
    {
        // mpirun cannot pass the standard input of a test runner on. A shell's background jobs ignore SIGINT, and programs inherit that.
        var start = new ProcessStartInfo("env", ["--default-signal=INT,HUP", launcher]) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        if (launcher == OpenMpi)
        {
            start.ArgumentList.Add("--oversubscribe");
            if (Environment.UserName == "root") start.ArgumentList.Add("--allow-run-as-root");
        }
        string script = $"echo $$ > rank.${{OMPI_COMM_WORLD_RANK:-$PMI_RANK}}\n{before}\nexec dotnet \"$@\"";
        foreach (string word in (string[])["-np", $"{ranks}", "sh", "-c", script, "sh", Path.Combine(AppContext.BaseDirectory, "ilgpuspp.dll"), .. arguments]) start.ArgumentList.Add(word);
        // A terminal that knows escape sequences: ranks must write none.
        start.Environment["TERM"] = "xterm";
        return Process.Start(start)!;
    }

    /// <summary>Waits for the end.</summary>
    /// <param name="process">The launcher.</param>
    /// <param name="before">What was read of its output.</param>
    public static ProgramRun End(Process process, string before)
    {
        using (process)
        {
            Task<string> output = process.StandardOutput.ReadToEndAsync(), error = process.StandardError.ReadToEndAsync();
            if (!process.WaitForExit(Limit))
            {
                process.Kill(entireProcessTree: true);
                throw new TimeoutException($"The ranks ran past {Limit}.");
            }
            return new ProgramRun(process.ExitCode, before + output.Result, error.Result);
        }
    }
}

/// <summary>A test that needs OpenMPI's launcher.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class OpenMpiFactAttribute : FactAttribute
{
    public OpenMpiFactAttribute() => Skip = MpiRun.Missing(MpiRun.OpenMpi);
}

/// <summary>The same with rows of data.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class OpenMpiTheoryAttribute : TheoryAttribute
{
    public OpenMpiTheoryAttribute() => Skip = MpiRun.Missing(MpiRun.OpenMpi);
}

/// <summary>Rows of data that need MPICH's launcher.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class MpichTheoryAttribute : TheoryAttribute
{
    public MpichTheoryAttribute() => Skip = MpiRun.Missing(MpiRun.Mpich);
}
