using System.Collections.Immutable;
using System.Globalization;
using IlgpuSpp.Distributed;
using IlgpuSpp.Training.Distributed;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace IlgpuSpp.Training;

/// <summary>Trains a model as the paper does (section 3.1), at one or several input sizes, into a run folder.</summary>
/// <param name="model">The model; trained in place, not disposed.</param>
/// <param name="options">How it is trained.</param>
/// <param name="logger">Receives notes and warnings.</param>
/// <param name="progress">Receives where the run is, one report at a time, on the thread that trains or one that decodes images.</param>
public sealed class Trainer(Model model, TrainerOptions options, ILogger? logger = null, IProgress<TrainingProgress>? progress = null)
{
    private readonly ILogger _logger = logger ?? NullLogger.Instance;

    /// <summary>What the caller wants to find in <c>config.json</c> again, such as the command line.</summary>
    public ImmutableSortedDictionary<string, string> Notes { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>Normalisation of the inputs; null to find one as <see cref="TrainerOptions.Normalisation"/> says. Fine-tuning keeps that of the model it starts from.</summary>
    public Data.InputNormalisation? InputNormalisation { get; init; }

    /// <summary>Keeps the features of <see cref="TrainerOptions.FixedViews"/> for other runs; null keeps them in memory only. The outcome is the same.</summary>
    public FeatureCache? Features { get; init; }

    /// <summary>
    /// The processes that train together, each with a trainer of the same model, options and images; not disposed. All need <see cref="TrainerOptions.Shards"/>, at least as many as there are
    /// ranks. Rank 0 writes the run's folder, which the others read when a run is resumed; cancelling one stops all.
    /// </summary>
    public ICollective Ranks { get; init; } = new SingleProcess();

    /// <summary>Where the time comes from.</summary>
    internal TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Trains from the model's present weights.</summary>
    /// <param name="train">The images to train on.</param>
    /// <param name="validation">The images to measure on, of the same classes.</param>
    /// <param name="runFolder">Where the run is kept; created where missing.</param>
    /// <param name="overwrite">Whether a run that is already in the folder is replaced.</param>
    /// <param name="cancellationToken">Ends the run after the present update; <c>last.safetensors</c> is saved first.</param>
    /// <exception cref="OptionsException">An option cannot work.</exception>
    /// <exception cref="ArgumentException">The network cannot take one of the sizes.</exception>
    /// <exception cref="RunFolderException">The folder holds another run or cannot be written.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled before the first step: there is nothing to save yet.</exception>
    /// <exception cref="DatasetException">The data cannot be used.</exception>
    /// <exception cref="DivergedException">The loss became NaN or infinite.</exception>
    /// <exception cref="DeviceMemoryException">The batch does not fit into the device's memory; the message names one that would.</exception>
    /// <exception cref="DistributedException">The ranks differ in what they train, or one was lost.</exception>
    public RunResult Fit(ImageDataset train, ImageDataset validation, string runFolder, bool overwrite = false, CancellationToken cancellationToken = default)
    {
        CheckArguments(train, validation, runFolder);
        var clock = new RunClock(Time);
        var folder = new RunFolder(runFolder);
        StartCheck.Check(Ranks, model, options, train, validation);
        using RunLock? taken = Ranks.Rank == 0 ? folder.Begin(overwrite) : null;
        progress?.Report(new TrainingProgress { Phase = TrainingPhase.Preparing, Epochs = options.Epochs });

        InputPreparation preparation = BasePreparation();
        var images = new PreparedImages(train, preparation, options.CacheBytes, logger);
        ColourPca? pca = null;
        if (InputNormalisation is { } given) preparation = preparation with { Normalisation = given };
        if ((InputNormalisation is null && options.Normalisation != NormalisationMethod.Constant128) || options.Augmentation.PcaSigma > 0)
        {
            DatasetStatistics statistics = DatasetStatistics.Measure(images, LoaderDefaults.Threads(options.LoaderThreads), progress: progress is null ? null : new DecodingProgress(options, progress, clock), cancellation: cancellationToken);
            images.CheckFailures(options.MaxUndecodableShare);
            if (options.Augmentation.PcaSigma > 0) pca = statistics.Pca;
            if (InputNormalisation is null) preparation = preparation with { Normalisation = NormalisationFrom(statistics) };
        }
        model.Description = model.Description with { ClassNames = [.. train.ClassNames] };
        var trained = new TrainedModel(model, preparation, options.Sizes.Max());

        WriteConfiguration(folder, train, validation);
        using var run = new TrainingRun(trained, options, images, validation, pca, folder, Features, _logger, progress, clock, Ranks);
        return Execute(run, cancellationToken);
    }

    /// <summary>Goes on from <c>last.safetensors</c> of a run that was interrupted, or lengthens one that is complete: bit for bit as if it had never stopped.</summary>
    /// <param name="train">The same images to train on.</param>
    /// <param name="validation">The same images to measure on.</param>
    /// <param name="runFolder">The run's folder.</param>
    /// <param name="cancellationToken">Ends the run after the present update; <c>last.safetensors</c> is saved first.</param>
    /// <exception cref="OptionsException">An option cannot work or differs from the run's where it may not.</exception>
    /// <exception cref="RunFolderException">The folder holds no run to resume or cannot be written.</exception>
    /// <exception cref="ModelFormatException">The checkpoint is damaged or of another network.</exception>
    /// <exception cref="DatasetException">The data is not that of the run.</exception>
    /// <exception cref="DivergedException">The loss became NaN or infinite.</exception>
    /// <exception cref="DeviceMemoryException">The batch does not fit into the device's memory; the message names one that would.</exception>
    /// <exception cref="DistributedException">The ranks differ in what they train or see different checkpoints, or one was lost.</exception>
    public RunResult Resume(ImageDataset train, ImageDataset validation, string runFolder, CancellationToken cancellationToken = default)
    {
        CheckArguments(train, validation, runFolder);
        var clock = new RunClock(Time);
        var folder = new RunFolder(runFolder);
        StartCheck.CheckCheckpoint(Ranks, folder.LastFile);
        StartCheck.Check(Ranks, model, options, train, validation);
        using RunLock? taken = Ranks.Rank == 0 ? folder.BeginResume() : null;
        progress?.Report(new TrainingProgress { Phase = TrainingPhase.Preparing, Epochs = options.Epochs });

        RunConfiguration started = folder.ReadConfiguration();
        ResumeCheck.Check(options, started.Options);
        ResumeCheck.CheckDevice(model.Backend.DeterministicExact, started.DeterministicExact);
        if (DataDescription.Of(train, validation).Fingerprint != started.Data.Fingerprint)
            throw new DatasetException(train.Name, string.Create(CultureInfo.InvariantCulture, $"is not the data of the run ({started.Data.Train}, {started.Data.TrainImages} + {started.Data.ValidationImages} images, split alike); resume with that or start a new run."));
        RunState state = Checkpoint.ReadState(folder.LastFile);
        TrainedModel trained = TrainedModel.LoadInto(folder.LastFile, model);

        WriteConfiguration(folder, train, validation);
        var images = new PreparedImages(train, trained.Preparation, options.CacheBytes, logger);
        using var run = new TrainingRun(trained, options, images, validation, state.Pca, folder, Features, _logger, progress, clock, Ranks);
        run.Restore(state);
        return Execute(run, cancellationToken);
    }

    /// <summary>Refuses what <see cref="Fit"/> and <see cref="Resume"/> would refuse before they make or open a folder.</summary>
    /// <param name="train">The images to train on.</param>
    /// <param name="validation">The images to measure on.</param>
    /// <exception cref="OptionsException">An option cannot work, or names layers that the network does not have.</exception>
    /// <exception cref="ArgumentException">The network cannot take one of the sizes.</exception>
    /// <exception cref="DatasetException">The data cannot be used.</exception>
    public void Check(ImageDataset train, ImageDataset validation)
    {
        options.Validate();
        if (train.Count == 0) throw new DatasetException(train.Name, "has no images to train on; check the split.");
        if (validation.Count == 0) throw new DatasetException(validation.Name, "has no images to hold out; give its classes more images, or name held-out ones.");
        if (!train.ClassNames.SequenceEqual(validation.ClassNames))
            throw new DatasetException(validation.Name, "has other classes than the training data, or the same in another order; open it with the training data's classes.");
        if (train.ClassNames.Count != model.Classes)
            throw new DatasetException(train.Name, $"has {train.ClassNames.Count} classes, but the network has {model.Classes} outputs; create the network with as many classes.");
        foreach (int size in options.Sizes) model.CheckInput(size, size);
        if (options.SizePolicy == SizePolicy.RandomSize && !model.TakesAnySize)
            throw new OptionsException(nameof(options.SizePolicy), $"needs a network that takes any size; {model.Description.Name} without a pyramid takes one size only");
        if (options.EvaluationView == EvaluationView.Full && !model.TakesAnySize)
            throw new OptionsException(nameof(options.EvaluationView), $"can only be the crop; {model.Description.Name} without a pyramid takes one size only");
        if (Ranks.Size > 1 && Ranks.Size > options.Shards)
            throw new OptionsException(nameof(options.Shards), $"must be at least the number of processes, {Ranks.Size}, and is {options.Shards}; start fewer, or a new run with more");
        using LayerTuning tuned = LayerTuning.Apply(model.Network, options);
        if (options.FixedViews > 0 && FrozenStem.Of(model) is null)
            throw new OptionsException(nameof(options.FixedViews), "needs layers at the network's front that stay as they are, down to the pooling; freeze them, or leave it at 0");
    }

    private RunResult Execute(TrainingRun run, CancellationToken cancellationToken)
    {
        try
        {
            return run.Execute(cancellationToken);
        }
        catch (DeviceMemoryException refused)
        {
            throw TrainingMemory.Explain(refused, model, options);
        }
    }

    private void CheckArguments(ImageDataset train, ImageDataset validation, string runFolder)
    {
        ArgumentException.ThrowIfNullOrEmpty(runFolder);
        Check(train, validation);
    }

    private InputPreparation BasePreparation() => new()
    {
        MinSide = options.EffectiveResizeSide,
        ReducedDecoding = options.ReducedDecoding,
        CropSize = options.EffectiveCropSize,
        Normalisation = Data.InputNormalisation.Constant(),
    };

    private Data.InputNormalisation NormalisationFrom(DatasetStatistics statistics) => options.Normalisation switch
    {
        NormalisationMethod.PerChannel => Data.InputNormalisation.PerChannel(statistics.Mean, statistics.Std),
        NormalisationMethod.MeanImage => Data.InputNormalisation.FromMeanImage(statistics.MeanImage),
        _ => Data.InputNormalisation.Constant(),
    };

    private void WriteConfiguration(RunFolder folder, ImageDataset train, ImageDataset validation)
    {
        if (Ranks.Rank != 0) return;
        folder.WriteConfiguration(new RunConfiguration
        {
            Options = options,
            DeterministicExact = model.Backend.DeterministicExact,
            Model = model.Description,
            Data = DataDescription.Of(train, validation),
            Notes = Notes,
        });
    }
}
