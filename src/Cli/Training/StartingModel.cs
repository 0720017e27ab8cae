using IlgpuSpp.Data;
using IlgpuSpp.Engine.Cpu;
using IlgpuSpp.Inference;
using IlgpuSpp.Models;

namespace IlgpuSpp.Cli.Training;

/// <summary>What the options of a fine-tuning run need to know of its model before a device is opened.</summary>
internal sealed record StartingModel(ModelDescription Description, InputPreparation Preparation, int InputSize, bool TakesAnySize)
{
    public static StartingModel Read(string path)
    {
        using var backend = new CpuBackend(new CpuOptions { Threads = 1 });
        using TrainedModel model = TrainedModel.Load(path, backend);
        return new StartingModel(model.Model.Description, model.Preparation, model.InputSize, model.Model.TakesAnySize);
    }
}
