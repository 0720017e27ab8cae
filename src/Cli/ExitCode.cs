namespace IlgpuSpp.Cli;

/// <summary>The process's exit codes.</summary>
internal static class ExitCode
{
    public const int Done = 0;
    public const int Failed = 1;
    public const int Usage = 2;
    public const int Interrupted = 130;

    /// <summary>A distributed run was asked to end by SIGTERM, as batch systems do before they take a machine away, and is saved.</summary>
    public const int Terminated = 143;
}
