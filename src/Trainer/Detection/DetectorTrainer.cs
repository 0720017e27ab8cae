using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace IlgpuSpp.Training;

/// <summary>
/// Trains a detector as in the paper's section 4.1, in stages: fine-tuning, support vector machines, box regression, probabilities. Every stage leaves a file in the run folder,
/// written whole or not at all; a run that was killed goes on with the stage it was in (fine-tuning from its last checkpoint) and ends with the same detector.
/// With <see cref="DetectorOptions.EndToEnd"/> the first stage trains the convolutions too.
/// </summary>
/// <param name="options">How to train.</param>
/// <param name="proposals">Finds the windows.</param>
/// <param name="logger">Receives what had to be left out.</param>
/// <param name="progress">Receives where the run is.</param>
public sealed class DetectorTrainer(DetectorOptions options, IProposalMethod proposals, ILogger? logger = null, IProgress<DetectorProgress>? progress = null)
{
    private const double HeadDeviation = 0.01;

    private readonly ILogger _logger = logger ?? NullLogger.Instance;

    /// <summary>Trains, or goes on with, a run.</summary>
    /// <param name="start">A classifier with a pyramid: its convolutions are used as they are unless trained end to end, its other layers but the last are where fine-tuning starts. Not changed.</param>
    /// <param name="preparation">How images are normalised for it.</param>
    /// <param name="data">Images with marked objects.</param>
    /// <param name="folder">The run's folder; created where missing.</param>
    /// <param name="cancellation">Stops; what was reached is saved.</param>
    /// <returns>The detector's file.</returns>
    /// <exception cref="OptionsException">An option cannot work, or differs from that of the run in the folder.</exception>
    /// <exception cref="RunFolderException">The folder holds another run, is in use, or cannot be written.</exception>
    /// <exception cref="DivergedException">The loss became NaN or infinite.</exception>
    /// <exception cref="DatasetException">There is nothing to train on.</exception>
    /// <exception cref="NotSupportedException">The network has no pyramid or does not end in a fully connected layer.</exception>
    public string Train(Model start, InputPreparation preparation, DetectionDataset data, string folder, CancellationToken cancellation = default)
    {
        options.FineTuning.Validate();
        options.Boxes.Validate();
        if (options.EndToEnd is { } whole)
        {
            whole.Validate();
            if (options.Features.Method != WindowMethod.Spp)
                throw new OptionsException(nameof(DetectorOptions.EndToEnd), $"learns through the pooling of windows from maps, not from the crops of {options.Features.Method}; choose {nameof(WindowMethod.Spp)}");
            if (options.Features.Combination != ScaleCombination.Best)
                throw new OptionsException(nameof(WindowFeatureOptions.Combination), $"must be {ScaleCombination.Best}: gradients flow through one scale of each window");
            EndToEndTraining.Frozen(start.Network, whole);
        }
        options.Features.Validate();
        SvmLayers.Check(start.Network, options.SvmLayer);
        if (!data.Images.Any(image => image.Objects.Any(item => !item.Ignored))) throw new DatasetException(data.Name, "shows no objects to train on, difficult ones and crowds apart; mark some.");
        if (options.EndToEnd is not null && data.Images.Any(image => image.ObjectsOnly)) throw new OptionsException(nameof(DetectorOptions.EndToEnd), "draws windows around the objects of every image, which images whose objects alone are learnt from do not have; leave these out");
        proposals.Check([.. data.Images.Where(image => !image.ObjectsOnly).Select(image => image.Name)]);
        using DetectorRunFolder run = DetectorRunFolder.Open(folder, new DetectorRunDescription(Key(start, preparation, data), options, proposals.Name, start.Backend.DeterministicExact));
        if (!File.Exists(run.DetectorFile))
        {
            using Model model = WithBackground(start, data.ClassNames);
            Train(model, preparation, data, run, cancellation);
        }
        run.RemoveMaps(_logger);
        return run.DetectorFile;
    }

    private void Train(Model model, InputPreparation preparation, DetectionDataset data, DetectorRunFolder run, CancellationToken cancellation)
    {
        // While the convolutions learn no map is worth keeping.
        (float[] Weights, float[] Biases)? boxLayer = options.EndToEnd is { } endToEnd ? TrainEndToEnd(endToEnd, model, preparation, data, run, cancellation) : null;
        IWindowFeatures features = WindowFeatures.CreateCached(model, preparation, options.Features, run.MapsFolder, options.CacheBytes, _logger);
        if (options.EndToEnd is null) FineTune(model, features, data, run, cancellation);

        var images = new TrainingImages(data, proposals, features, _logger);
        (float[]? svmWeights, float[]? svmBiases) = options.Svm.Enabled ? Machines(model, images, run, cancellation) : (null, null);
        (float[]? boxWeights, float[]? boxBiases) = options.Boxes.Enabled && boxLayer is null ? Boxes(model, images, run, cancellation) : (null, null);
        var parts = new DetectorParts(new DetectorSettings { Features = options.Features, Scoring = options.Scoring, SvmLayer = options.SvmLayer, BoxSides = options.BoxSides }, svmWeights, svmBiases, boxWeights, boxBiases, boxLayer?.Weights, boxLayer?.Biases);
        if (options.Svm.Enabled && data.Images.Count(image => !image.ObjectsOnly) > 1) parts = parts with { Calibration = Calibrate(model, preparation, features, parts, data, run, cancellation) };
        RunFolder.Guard(run.DetectorFile, () => DetectorFile.Write(run.DetectorFile, model, preparation, parts, DetectionTrainingJson.Write(options)));
    }

    private void FineTune(Model model, IWindowFeatures features, DetectionDataset data, DetectorRunFolder run, CancellationToken cancellation)
    {
        if (!File.Exists(run.NetworkFile))
        {
            (DetectionDataset train, DetectionDataset heldOut) = data.Split(options.FineTuning.HeldOutShare, options.Seed);
            using var tuning = new HeadFineTuning(
                model, new TrainingImages(train, proposals, features, _logger), new TrainingImages(heldOut, proposals, features, _logger), options.FineTuning, options.Seed, run.FineTuningFile, progress);
            tuning.Run(cancellation);
            RunFolder.Guard(run.NetworkFile, () => ModelFile.Save(run.NetworkFile, model));
        }
        ModelFile.LoadInto(run.NetworkFile, model);
    }

    private (float[] Weights, float[] Biases)? TrainEndToEnd(EndToEndOptions endToEnd, Model model, InputPreparation preparation, DetectionDataset data, DetectorRunFolder run, CancellationToken cancellation)
    {
        if (!File.Exists(run.NetworkFile))
        {
            var features = new PooledWindowFeatures(model, preparation, options.Features);
            using var training = new EndToEndTraining(model, features, new TrainingImages(data, proposals, features, _logger), endToEnd, options.Seed, run.EndToEndFile, progress);
            training.Run(cancellation);
            // The network's file comes last: where it is, the stage is over.
            if (training.Boxes() is { } learnt) DetectorRunFolder.WriteLinear(run.BoxLayerFile, learnt.Weights, learnt.Biases);
            RunFolder.Guard(run.NetworkFile, () => ModelFile.Save(run.NetworkFile, model));
        }
        ModelFile.LoadInto(run.NetworkFile, model);
        return endToEnd.BoxWeight > 0 ? DetectorRunFolder.ReadLinear(run.BoxLayerFile) : null;
    }

    private (float[] Weights, float[] Biases) Machines(Model model, TrainingImages images, DetectorRunFolder run, CancellationToken cancellation) => DetectorRunFolder.Linear(run.SvmFile, () =>
    {
        using var head = new WindowHead(model, images.Features, options.SvmLayer);
        (float[][] weights, float[] biases) = new HardNegativeMining(images, head, options.Svm, options.Seed, _logger).Run(progress, cancellation);
        return ([.. weights.SelectMany(row => row)], biases);
    });

    private (float[] Weights, float[] Biases) Boxes(Model model, TrainingImages images, DetectorRunFolder run, CancellationToken cancellation) => DetectorRunFolder.Linear(run.BoxesFile, () =>
    {
        double[][] weights = BoxRegression.Train(images, model.Backend, options.Boxes, options.BoxSides, options.Seed, progress, cancellation);
        return ([.. weights.SelectMany(row => row.SkipLast(1)).Select(value => (float)value)], [.. weights.Select(row => (float)row[^1])]);
    });

    // Scores of images that machines were trained on are too good to be calibrated by: other machines, trained without the images held out, are tried on those.
    private IReadOnlyList<PlattScaling>? Calibrate(Model model, InputPreparation preparation, IWindowFeatures features, DetectorParts parts, DetectionDataset data, DetectorRunFolder run, CancellationToken cancellation)
    {
        (float[] slopes, float[] offsets) = DetectorRunFolder.Linear(run.CalibrationFile, () =>
        {
            (DetectionDataset train, DetectionDataset heldOut) = data.Split(options.FineTuning.HeldOutShare, options.Seed);
            var images = new TrainingImages(train, proposals, features, NullLogger.Instance);
            using var head = new WindowHead(model, features, options.SvmLayer);
            (float[][] weights, float[] biases) = new HardNegativeMining(images, head, options.Svm, options.Seed, NullLogger.Instance).Run(new StageProgress("calibration, ", progress), cancellation);
            using Detector detector = Detector.Of(
                new DetectorModel(run.NetworkFile, ModelFile.Load(run.NetworkFile, model.Backend), preparation, parts with { SvmWeights = [.. weights.SelectMany(row => row)], SvmBiases = biases }), proposals);
            var detection = new DetectionOptions { Scoring = WindowScoring.Svm };
            DetectorTestResult tested = DetectorTest.Run(detector, heldOut, detection, logger: _logger, progress: new StageProgress("calibration, ", progress), cancellation: cancellation);
            PlattScaling[]? fitted = MachineCalibration.Fit(heldOut.Images, tested.Detections, data.ClassNames.Count);
            if (fitted is null) _logger.LogWarning("{Set}: the machines find too little in what is held out of training ({Count} of {All} images) to turn scores into probabilities; detections will have scores alone.", data.Name, heldOut.Images.Count, data.Images.Count);
            // What is not known is no number.
            fitted ??= [.. data.ClassNames.Select(_ => new PlattScaling(double.NaN, double.NaN))];
            return ([.. fitted.Select(own => (float)own.A)], [.. fitted.Select(own => (float)own.B)]);
        });
        return Array.Exists(slopes, float.IsNaN) ? null : [.. slopes.Zip(offsets, (slope, offset) => new PlattScaling(slope, offset))];
    }

    // The same network with one output for each class and one for the background before them; all weights but the last layer's are taken over.
    private Model WithBackground(Model start, IReadOnlyList<string> classNames)
    {
        Model model = ModelHead.Replace(start, [DetectorFile.Background, .. classNames], start.Backend, options.Seed);
        try
        {
            if (model.Network.Root.Children[^1] is not Linear last) throw new NotSupportedException($"{start.Description.Name} does not end in a fully connected layer, which detection needs.");
            new GaussianInitialiser((float)HeadDeviation).Fill(start.Backend, last.Weight.Value, 1, new RandomKey(options.Seed, 0xDE7E_0040, 0));
            if (last.Bias is { } bias) start.Backend.Fill(bias.Value, 0);
            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    private string Key(Model start, InputPreparation preparation, DetectionDataset data)
    {
        var text = new StringBuilder(DetectionTrainingJson.Write(options with { CacheBytes = 0 }));
        text.Append('\n').Append(data.Fingerprint()).Append('\n').Append(proposals.Fingerprint).Append('\n').Append(WindowFeatures.Fingerprint(start, preparation, options.Features));
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(text.ToString()));
        foreach (Parameter parameter in start.Network.Parameters) hash.AppendData(System.Runtime.InteropServices.MemoryMarshal.AsBytes<float>(parameter.Value.ToArray()));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}

/// <summary>Reports stages that serve another one under its name.</summary>
/// <param name="prefix">What comes before their names.</param>
/// <param name="progress">Receives them.</param>
internal sealed class StageProgress(string prefix, IProgress<DetectorProgress>? progress) : IProgress<DetectorProgress>
{
    public void Report(DetectorProgress value) => progress?.Report(value with { Stage = prefix + value.Stage });
}
