using IlgpuSpp.Cli.Detection;

namespace IlgpuSpp.Cli.Commands;

/// <summary><c>detect</c>: objects in images, the paper's section 4.</summary>
internal static class DetectCommand
{
    public static Command Create() => new("detect", "Find objects in images: train, test and use detectors.")
    {
        TrainAction.Create(),
        TestAction.Create(),
        RunAction.Create(),
        ProposalsAction.Create(),
        ScoreAction.Create(),
        BenchAction.Create(),
    };
}
