using IlgpuSpp.Cli.Commands;
using Microsoft.Extensions.Logging;

namespace IlgpuSpp.Cli.Detection;

/// <summary>The classifier that a detector starts from: a file of the user's, or spp-small trained on drawn shapes.</summary>
internal static class StartingNetwork
{
    private const int Size = 64, Epochs = 4, Images = 3000, ValidationImages = 300;

    public static TrainedModel Open(string? path, IReadOnlyList<string> classNames, string run, ulong seed, Backend backend, ILogger logger, StageDisplay display, CancellationToken interrupt)
    {
        if (path is not null) return WithPyramid(BackgroundWork.Wait(() => TrainedModel.Load(path, backend), interrupt), classNames, seed);
        string folder = Path.Combine(run, "network");
        var state = new RunFolder(folder);
        if (!File.Exists(Path.Combine(folder, "done")))
        {
            display.Note($"training spp-small on {Images} drawn shapes first");
            DatasetSplit shapes = ShapesDataset.Create(new ShapesOptions { Seed = seed + 1000, TrainImages = Images, ValidationImages = ValidationImages });
            using Model model = Zoo.Create("spp-small", new ModelOptions { Classes = shapes.Train.ClassNames.Count }, backend, seed);
            var trainer = new Trainer(model, new TrainerOptions
            {
                Sizes = [Size],
                ResizeSide = Size + 8,
                Epochs = Epochs,
                LearningRate = 0.02,
                Schedule = ScheduleKind.Cosine,
                Seed = seed,
            }, logger, new ProgressLines(display));
            RunResult result = File.Exists(state.LastFile)
                ? trainer.Resume(shapes.Train, shapes.Validation, folder, interrupt)
                : trainer.Fit(shapes.Train, shapes.Validation, folder, overwrite: true, interrupt);
            interrupt.ThrowIfCancellationRequested();
            display.Note(FormattableString.Invariant($"spp-small: {100 * result.Best.Top1:0.0} % of the held-out shapes"));
            AtomicFile.Write(Path.Combine(folder, "done"), _ => { });
        }
        return TrainedModel.Load(Path.Combine(folder, "best.safetensors"), backend);
    }

    // Windows are pooled by a pyramid; a network without one gets the paper's behind its maps.
    private static TrainedModel WithPyramid(TrainedModel model, IReadOnlyList<string> classNames, ulong seed)
    {
        if (model.Model.Network.Root.SelfAndDescendants().OfType<SpatialPyramidPool>().Any()) return model;
        using (model)
        {
            Model pooled = new NewHead { Levels = [1, 2, 3, 6] }.Attach(model.Model, classNames, model.Model.Backend, seed);
            return new TrainedModel(pooled, model.Preparation, model.InputSize);
        }
    }
}
