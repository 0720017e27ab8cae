using IlgpuSpp.Data;
using IlgpuSpp.Engine;
using IlgpuSpp.Inference;
using IlgpuSpp.Models;

namespace IlgpuSpp.Cli.Tests;

/// <summary>A folder with an untrained classifier (<c>start.safetensors</c>) in which the program runs.</summary>
internal sealed class DetectionWorkspace : IDisposable
{
    public DetectionWorkspace()
    {
        using Backend backend = Device.Open("cpu");
        Model model = Zoo.Create("spp-small", new ModelOptions { Classes = 10, Pyramid = [1, 2] }, backend, seed: 1);
        using var classifier = new TrainedModel(model, new InputPreparation { MinSide = 56, CropSize = 48 }, 48);
        classifier.Save(Folder["start.safetensors"]);
    }

    public TemporaryFolder Folder { get; } = new();

    public ProgramRun Run(params string[] arguments) => ProgramRun.Of("ilgpuspp.dll", Folder.Root, arguments);

    public System.Diagnostics.Process Start(params string[] arguments) => ProgramRun.Start("ilgpuspp.dll", Folder.Root, arguments);

    public string Succeeds(params string[] arguments)
    {
        ProgramRun run = Run(arguments);
        Assert.True(run.ExitCode == 0, run.Error);
        return run.Output;
    }

    public string Fails(params string[] arguments)
    {
        ProgramRun run = Run(arguments);
        Assert.True(run.ExitCode == 1, run.Output + run.Error);
        return run.Error;
    }

    public void Dispose() => Folder.Dispose();
}
