namespace IlgpuSpp.Cli.Tests;

/// <summary>Tests of the command from outside, started in a folder of their own.</summary>
public abstract class CommandTest : FolderTest
{
    private protected ProgramRun Run(params string[] arguments) => ProgramRun.Of("ilgpuspp.dll", _folder.Root, arguments);

    private protected ProgramRun Done(params string[] arguments)
    {
        ProgramRun run = Run(arguments);
        Assert.True(run.ExitCode == 0, run.Error);
        return run;
    }
}
