using IlgpuSpp.Cli.Commands;
using Microsoft.Extensions.Logging;

namespace IlgpuSpp.Cli.Detection;

/// <summary>The classifier that a detector starts from: a file of the user's, or spp-small trained on drawn shapes.</summary>
/// <param name="Classifier">The network, with a pyramid.</param>
/// <param name="HasNewHead">Whether its pyramid and what is behind begin anew.</param>
internal sealed record StartingNetwork(TrainedModel Classifier, bool HasNewHead) : IDisposable
{
    // The paper's pyramid, and a hidden layer, without which machines would read rows of 25,600 features behind ResNet-18.
    public static NewHead DefaultHead { get; } = new() { Levels = [6, 3, 2, 1], Hidden = 512 };

    private const int Size = 64, Epochs = 4, Images = 3000, ValidationImages = 300;

    /// <summary>Opens the network.</summary>
    /// <param name="path">The classifier's file; null for spp-small.</param>
    /// <param name="head">What is put in place of its end; null for its own, or <see cref="DefaultHead"/> where it has no pyramid.</param>
    /// <param name="classNames">The data's classes.</param>
    /// <param name="svmLayer">The layer that machines are to read, refused before spp-small is trained where that has it not; null for what the last layer reads.</param>
    /// <param name="run">The run's folder, for spp-small.</param>
    /// <param name="seed">Seed of what is trained or begins anew.</param>
    /// <param name="backend">Where it runs.</param>
    /// <param name="logger">Receives what had to be left out.</param>
    /// <param name="display">Shows the training of spp-small.</param>
    /// <param name="interrupt">Stops it.</param>
    public static StartingNetwork Open(string? path, NewHead? head, IReadOnlyList<string> classNames, string? svmLayer, string run, ulong seed, Backend backend, ILogger logger, StageDisplay display, CancellationToken interrupt)
    {
        if (path is not null) return WithPyramid(BackgroundWork.Wait(() => TrainedModel.Load(path, backend), interrupt), head, classNames, seed);
        string folder = Path.Combine(run, "network");
        var state = new RunFolder(folder);
        if (!File.Exists(Path.Combine(folder, "done")))
        {
            DatasetSplit shapes = ShapesDataset.Create(new ShapesOptions { Seed = seed + 1000, TrainImages = Images, ValidationImages = ValidationImages });
            using Model model = Zoo.Create("spp-small", new ModelOptions { Classes = shapes.Train.ClassNames.Count }, backend, seed);
            SvmLayers.Check(model.Network, svmLayer);
            display.Note($"training spp-small on {Images} drawn shapes first");
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
        return new StartingNetwork(TrainedModel.Load(Path.Combine(folder, "best.safetensors"), backend), HasNewHead: false);
    }

    public void Dispose() => Classifier.Dispose();

    // Windows are pooled by a pyramid; a network without one gets the paper's behind its maps.
    private static StartingNetwork WithPyramid(TrainedModel model, NewHead? head, IReadOnlyList<string> classNames, ulong seed)
    {
        if (head is null && model.Model.Network.Root.SelfAndDescendants().OfType<SpatialPyramidPool>().Any()) return new StartingNetwork(model, HasNewHead: false);
        using (model)
        {
            Model pooled = (head ?? DefaultHead).Attach(model.Model, classNames, model.Model.Backend, seed);
            return new StartingNetwork(new TrainedModel(pooled, model.Preparation, model.InputSize), HasNewHead: true);
        }
    }
}
