using IlgpuSpp.Inference;

namespace IlgpuSpp.Training.Tests.Checkpoints;

/// <summary>Saves checkpoints one after another until it is killed; in the n-th every value is n.</summary>
internal static class CheckpointWriter
{
    public static Model Model(CpuBackend backend) => new(
        new ModelDescription { Architecture = "wide", Options = new ModelOptions { Classes = 3, Pyramid = [1] } },
        new Sequential(new Conv2d(3, 512, kernel: 3), new SpatialPyramidPool(1), new Linear(512, 2048), new Linear(2048, 3)), backend, 1);

    public static void Run(string folder)
    {
        using var backend = new CpuBackend(new CpuOptions { Threads = 1 });
        using Model model = Model(backend);
        using var trained = new TrainedModel(model, new Data.InputPreparation(), 224);
        using var updater = new WeightUpdater(model.Network, new TrainerOptions());
        for (int n = 1; ; n++)
        {
            foreach (Parameter parameter in model.Network.Parameters) backend.Fill(parameter.Value, n);
            foreach (OptimiserState state in updater.Optimiser.States) backend.Fill(state.Tensor, n);
            Checkpoint.Save(new RunFolder(folder).LastFile, trained, updater.Optimiser, null, State(n));
            Console.WriteLine(n);
        }
    }

    private static RunState State(int n) => new()
    {
        Epoch = 0, Batch = 0, Steps = n, Updates = n, LearningRate = 0.1, Totals = default, Schedule = "{}", Stopping = "{}", Best = null, Epochs = [], Pca = null,
    };
}
