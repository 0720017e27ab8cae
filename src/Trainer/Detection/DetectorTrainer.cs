using System.Security.Cryptography;
using System.Text;
using IlgpuSpp.Data;
using IlgpuSpp.Detection;
using IlgpuSpp.Engine;
using IlgpuSpp.Layers;
using IlgpuSpp.Models;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace IlgpuSpp.Training;

/// <summary>
/// Trains a detector as in the paper's section 4.1, in stages: fine-tuning, support vector machines, box regression. Every stage leaves a file in the run folder,
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
    private const string MapsFolder = "maps";

    private readonly ILogger _logger = logger ?? NullLogger.Instance;

    /// <summary>Trains, or goes on with, a run.</summary>
    /// <param name="start">A classifier with a pyramid: its convolutions are used as they are unless trained end to end, its other layers but the last are where fine-tuning starts. Not changed.</param>
    /// <param name="preparation">How images are normalised for it.</param>
    /// <param name="data">Images with marked objects.</param>
    /// <param name="folder">The run's folder; created where missing.</param>
    /// <param name="cancellation">Stops; what was reached is saved.</param>
    /// <returns>The detector's file.</returns>
    /// <exception cref="DetectorRunException">The folder holds another run.</exception>
    /// <exception cref="DatasetException">There is nothing to train on.</exception>
    /// <exception cref="NotSupportedException">The network has no pyramid or does not end in a fully connected layer.</exception>
    /// <exception cref="IOException">The folder cannot be written.</exception>
    public string Train(Model start, InputPreparation preparation, DetectionDataset data, string folder, CancellationToken cancellation = default)
    {
        options.FineTuning.Validate();
        if (options.EndToEnd is { } whole)
        {
            whole.Validate();
            if (options.Features.Method != WindowMethod.Spp)
                throw new ArgumentException($"{nameof(DetectorOptions.EndToEnd)} learns through the pooling of windows from maps, not from the crops of {options.Features.Method}; choose {nameof(WindowMethod.Spp)}.");
            EndToEndTraining.Frozen(start.Network, whole);
        }
        options.Features.Validate();
        if (data.ClassNames.Count == 0) throw new DatasetException(data.Name, "shows no objects; mark some.");
        proposals.Check([.. data.Images.Select(image => image.Name)]);
        Directory.CreateDirectory(folder);
        string key = Key(start, preparation, data);
        CheckFolder(folder, key);
        string result = Path.Combine(folder, DetectorFile.FileName);
        if (File.Exists(result))
        {
            RemoveMaps(folder);
            return result;
        }

        using Model model = WithBackground(start, data.ClassNames);
        // While the convolutions learn no map is worth keeping.
        (float[] Weights, float[] Biases)? boxLayer = options.EndToEnd is { } endToEnd ? TrainEndToEnd(endToEnd, model, preparation, data, folder, cancellation) : null;
        IWindowFeatures features = WindowFeatures.CreateCached(model, preparation, options.Features, Path.Combine(folder, MapsFolder), options.CacheBytes, _logger);
        if (options.EndToEnd is null) FineTune(model, features, data, folder, cancellation);

        var images = new TrainingImages(data, proposals, features, _logger);
        (float[]? svmWeights, float[]? svmBiases) = options.Svm.Enabled ? Machines(model, images, folder, cancellation) : (null, null);
        (float[]? boxWeights, float[]? boxBiases) = options.Boxes.Enabled && boxLayer is null ? Boxes(model, images, folder, cancellation) : (null, null);
        DetectorFile.Write(result, model, preparation, new DetectorParts(new DetectorSettings { Features = options.Features, Scoring = options.Scoring }, svmWeights, svmBiases, boxWeights, boxBiases, boxLayer?.Weights, boxLayer?.Biases), DetectionJson.Write(options));
        RemoveMaps(folder);
        return result;
    }

    private void FineTune(Model model, IWindowFeatures features, DetectionDataset data, string folder, CancellationToken cancellation)
    {
        string file = Path.Combine(folder, "network.safetensors"), checkpoint = Path.Combine(folder, "fine-tuning.safetensors");
        if (!File.Exists(file))
        {
            (DetectionDataset train, DetectionDataset heldOut) = data.Split(options.FineTuning.HeldOutShare, options.Seed);
            using var tuning = new HeadFineTuning(
                model, new TrainingImages(train, proposals, features, _logger), new TrainingImages(heldOut, proposals, features, _logger), options.FineTuning, options.Seed, checkpoint, progress);
            tuning.Run(cancellation);
            ModelFile.Save(file, model);
        }
        ModelFile.LoadInto(file, model);
    }

    private (float[] Weights, float[] Biases)? TrainEndToEnd(EndToEndOptions endToEnd, Model model, InputPreparation preparation, DetectionDataset data, string folder, CancellationToken cancellation)
    {
        string file = Path.Combine(folder, "network.safetensors"), boxes = Path.Combine(folder, "box-layer.safetensors"), checkpoint = Path.Combine(folder, "end-to-end.safetensors");
        if (!File.Exists(file))
        {
            var features = new PooledWindowFeatures(model, preparation, options.Features);
            using var training = new EndToEndTraining(model, features, new TrainingImages(data, proposals, features, _logger), endToEnd, options.Seed, checkpoint, progress);
            training.Run(cancellation);
            // The network's file comes last: where it is, the stage is over.
            if (training.Boxes() is { } learnt) WritePair(boxes, learnt.Weights, learnt.Biases);
            ModelFile.Save(file, model);
        }
        ModelFile.LoadInto(file, model);
        return endToEnd.BoxWeight > 0 ? ReadPair(boxes) : null;
    }

    private (float[] Weights, float[] Biases) Machines(Model model, TrainingImages images, string folder, CancellationToken cancellation)
    {
        string path = Path.Combine(folder, "svm.safetensors");
        if (!File.Exists(path))
        {
            using var head = new WindowHead(model, images.Features);
            (float[][] weights, float[] biases) = new HardNegativeMining(images, head, options.Svm, options.Seed, _logger).Run(progress, cancellation);
            WritePair(path, [.. weights.SelectMany(row => row)], biases);
        }
        return ReadPair(path);
    }

    private (float[] Weights, float[] Biases) Boxes(Model model, TrainingImages images, string folder, CancellationToken cancellation)
    {
        string path = Path.Combine(folder, "boxes.safetensors");
        if (!File.Exists(path))
        {
            double[][] weights = BoxRegression.Train(images, model.Backend, options.Boxes, options.Seed, progress, cancellation);
            WritePair(path, [.. weights.SelectMany(row => row.SkipLast(1)).Select(value => (float)value)], [.. weights.Select(row => (float)row[^1])]);
        }
        return ReadPair(path);
    }

    private static void WritePair(string path, float[] weights, float[] biases) => SafetensorsWriter.Write(
        path,
        [new NamedTensor("weight", new Shape(biases.Length, weights.Length / biases.Length), weights), new NamedTensor("bias", new Shape(biases.Length), biases)],
        new Dictionary<string, string>());

    private static (float[] Weights, float[] Biases) ReadPair(string path)
    {
        using SafetensorsFile file = SafetensorsFile.Open(path);
        float[] weights = new float[file.Count("weight")], biases = new float[file.Count("bias")];
        file.ReadFloats("weight", weights);
        file.ReadFloats("bias", biases);
        return (weights, biases);
    }

    // The same network with one output for each class and one for the background before them; all weights but the last layer's are taken over.
    private Model WithBackground(Model start, IReadOnlyList<string> classNames)
    {
        Model model = ModelHead.Replace(start, [DetectorFile.Background, .. classNames], start.Backend, options.Seed);
        try
        {
            if (model.Network.Root.Children[^1] is not Linear last) throw new NotSupportedException($"{start.Description.Architecture} does not end in a fully connected layer, which detection needs.");
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
        var text = new StringBuilder(DetectionJson.Write(options with { CacheBytes = 0 }));
        text.Append('\n').Append(data.Fingerprint()).Append('\n').Append(proposals.Fingerprint).Append('\n').Append(WindowFeatures.Fingerprint(start, preparation, options.Features));
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(text.ToString()));
        foreach (Parameter parameter in start.Network.Parameters) hash.AppendData(System.Runtime.InteropServices.MemoryMarshal.AsBytes<float>(parameter.Value.ToArray()));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    // The maps served training; a finished run has no use for gigabytes of them.
    private void RemoveMaps(string folder)
    {
        if (!Directory.Exists(Path.Combine(folder, MapsFolder))) return;
        try
        {
            Directory.Delete(Path.Combine(folder, MapsFolder), recursive: true);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            _logger.LogWarning("{Folder}: the feature maps cannot be removed ({Reason}); delete them by hand.", Path.Combine(folder, MapsFolder), error.Message);
        }
    }

    private void CheckFolder(string folder, string key)
    {
        string path = Path.Combine(folder, "detector.json");
        if (File.Exists(path))
        {
            string text = File.ReadAllText(path);
            if (DetectionJson.Read<RunDescription>(path, text).Key == key) return;
            throw new DetectorRunException(folder, "holds a run with other options, data, proposals or starting network; go on with those, or name another folder.");
        }
        byte[] content = Encoding.UTF8.GetBytes(DetectionJson.Write(new RunDescription(key, options, proposals.Name)));
        AtomicFile.Write(path, stream => stream.Write(content));
    }

    private sealed record RunDescription(string Key, DetectorOptions Options, string Proposals);
}
