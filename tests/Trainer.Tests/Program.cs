namespace IlgpuSpp.Training.Tests;

/// <summary>The test assembly started as a program: what a test runs in a process of its own to be able to kill it.</summary>
internal static class Program
{
    public const string SaveCheckpoints = "save-checkpoints";

    private static int Main(string[] arguments)
    {
        if (arguments is not [SaveCheckpoints, string folder]) return 2;
        Checkpoints.CheckpointWriter.Run(folder);
        return 0;
    }
}
