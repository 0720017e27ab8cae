using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using IlgpuSpp.Data.Imaging;

namespace IlgpuSpp.Training;

/// <summary>
/// Trains the whole network on windows, end to end through their pooling, together with a layer that moves boxes (Girshick, "Fast R-CNN", section 2.3). What an
/// update sees follows from the seed and its number alone, so that a run goes on from a checkpoint to the same bits. The last weights are kept.
/// </summary>
internal sealed class EndToEndTraining : IDisposable
{
    /// <summary>What progress calls this stage.</summary>
    public const string Stage = "fine-tuning end to end";

    private const uint OrderStream = 0xDE7E_0050, WindowStream = 0xDE7E_0051;

    private readonly Model _model;
    private readonly PooledWindowFeatures _features;
    private readonly TrainingImages _images;
    private readonly EndToEndOptions _options;
    private readonly ulong _seed;
    private readonly StageCheckpoint<State> _checkpoint;
    private readonly IProgress<DetectorProgress>? _progress;
    private readonly Backend _backend;
    private readonly BoxLayer? _boxes;
    private readonly Parameter[] _all;
    private readonly SgdOptimiser _optimiser;
    private BoxTargets _targets = BoxTargets.Of([]);
    private int[] _usable = [], _order = [];
    private long _orderEpoch = -1;
    private int _iteration;

    /// <summary>Prepares the training; freezes what is not to be trained.</summary>
    /// <exception cref="OptionsException">The options name a layer that the network does not have, or leave nothing to train.</exception>
    public EndToEndTraining(Model model, PooledWindowFeatures features, TrainingImages images, EndToEndOptions options, ulong seed, string checkpoint, IProgress<DetectorProgress>? progress)
    {
        (_model, _features, _images, _options, _seed, _progress) = (model, features, images, options, seed, progress);
        _backend = model.Backend;
        foreach (Parameter parameter in Frozen(model.Network, options)) parameter.Frozen = true;
        try
        {
            if (options.BoxWeight > 0) _boxes = new BoxLayer(_backend, (Linear)features.Split.Head.Children[^1], images.Data.ClassNames.Count, seed);
            model.Network.PrepareTraining();
            _all = [.. model.Network.Parameters, .. _boxes?.Parameters ?? []];
            _optimiser = CreateOptimiser();
            _checkpoint = new StageCheckpoint<State>(checkpoint, Stage, _all, _optimiser, DetectionTrainingJson.Default.EndToEndTrainingState);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    // Rates are read where the optimiser is made; the network keeps its own.
    private SgdOptimiser CreateOptimiser()
    {
        Parameter[] stem = [.. _features.Split.Stem.SelfAndDescendants().SelectMany(layer => layer.Parameters)];
        float[] own = [.. stem.Select(parameter => parameter.LearningRateMultiplier)];
        foreach (Parameter parameter in stem) parameter.LearningRateMultiplier *= (float)_options.StemRate;
        try
        {
            return _options.CreateOptimiser(_backend, _all);
        }
        finally
        {
            for (int i = 0; i < stem.Length; i++) stem[i].LearningRateMultiplier = own[i];
        }
    }

    /// <summary>Parameters that options leave as they are.</summary>
    /// <exception cref="OptionsException">The options name a layer that the network does not have, or leave nothing to train.</exception>
    /// <exception cref="NotSupportedException">The network has no pyramid.</exception>
    public static IReadOnlyCollection<Parameter> Frozen(Network network, EndToEndOptions options)
    {
        var split = new SplitNetwork(network);
        Layer[] layers = [.. network.Root.Children];
        int last = options.FrozenThrough switch
        {
            null => Array.FindIndex(layers, layer => layer.SelfAndDescendants().Any(inner => inner.Parameters.Count > 0)),
            EndToEndOptions.NothingFrozen => -1,
            { } name when Array.FindIndex(layers, layer => layer.Name == name) is >= 0 and var found => found,
            _ => throw new OptionsException(nameof(EndToEndOptions.FrozenThrough), $"names '{options.FrozenThrough}', which is no layer of the network; it has {string.Join(", ", layers.Select(layer => layer.Name))}"),
        };
        IEnumerable<Layer> frozen = layers[..(last + 1)].SelectMany(layer => layer.SelfAndDescendants()).Concat(split.Stem.SelfAndDescendants().OfType<BatchNorm>());
        HashSet<Parameter> result = [.. frozen.SelectMany(layer => layer.Parameters)];
        return network.Parameters.Any(parameter => parameter.Trainable && !parameter.Frozen && !result.Contains(parameter))
            ? result
            : throw new OptionsException(nameof(EndToEndOptions.FrozenThrough), $"'{options.FrozenThrough}' leaves nothing to train; name a layer further in front");
    }

    /// <summary>Trains from the checkpoint, where there is one, to the end.</summary>
    /// <exception cref="DatasetException">No image has windows to train on.</exception>
    /// <exception cref="DivergedException">The loss is no longer a number.</exception>
    /// <exception cref="RunFolderException">Other images can be used than when the checkpoint was written, or a checkpoint cannot be written.</exception>
    public void Run(CancellationToken cancellation)
    {
        Survey(cancellation);
        if (_checkpoint.Exists) Restore();
        using var pass = new EndToEndPass(_model, _features, _boxes, _targets, _options.BatchSize, _options.BoxWeight, _options.Recompute);
        (double classes, double boxes, int measured) = (0, 0, 0);
        while (_iteration < _options.Iterations)
        {
            if (cancellation.IsCancellationRequested)
            {
                Save();
                cancellation.ThrowIfCancellationRequested();
            }
            Step(pass);
            (double classLoss, double boxLoss) = pass.Losses();
            if (!double.IsFinite(classLoss + boxLoss))
                throw new DivergedException(_iteration, classLoss + boxLoss, _options.LearningRateAt(_iteration - 1));
            (classes, boxes, measured) = (classes + classLoss, boxes + boxLoss, measured + 1);
            bool last = _iteration == _options.Iterations;
            if (last || _iteration % _options.ReportEvery == 0)
            {
                string note = string.Create(CultureInfo.InvariantCulture, $"loss {(classes + _options.BoxWeight * boxes) / measured:0.000} (classes {classes / measured:0.000}, boxes {boxes / measured:0.000})");
                _progress?.Report(new DetectorProgress(Stage, _iteration, _options.Iterations, note));
                (classes, boxes, measured) = (0, 0, 0);
            }
            if (last || _iteration % _options.CheckpointEvery == 0) Save();
        }
    }

    /// <summary>The box layer's weights <c>[4·classes, hidden]</c> and biases <c>[4·classes]</c>, which predict encodings as they are; null where boxes are not learnt.</summary>
    public (float[] Weights, float[] Biases)? Boxes()
    {
        if (_boxes is null) return null;
        float[] weights = _boxes.Layer.Weight.Value.ToArray(), biases = _boxes.Layer.Bias!.Value.ToArray();
        _targets.Denormalise(weights, biases);
        return (weights, biases);
    }

    public void Dispose()
    {
        _optimiser?.Dispose();
        _boxes?.Dispose();
    }

    // Which images have windows to draw, and how far those lie from their objects.
    private void Survey(CancellationToken cancellation)
    {
        int count = _images.Data.Images.Count;
        var usable = new List<int>();
        var pairs = new List<(PixelBox, PixelBox)>();
        for (int i = 0; i < count; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            if (_images.Read(i) is { } read && WindowMinibatch.Any(read.Windows, _options) && Resizable(i, read.Image))
            {
                usable.Add(i);
                foreach (TrainingWindow window in read.Windows.Where(window => window.Overlap >= _options.ForegroundOverlap))
                {
                    PixelBox item = _images.Data.Images[i].Objects[window.Object].Box;
                    pairs.Add((window.Box, item));
                    if (_options.Flips) pairs.Add((Mirroring.Mirror(window.Box, read.Image.Width), Mirroring.Mirror(item, read.Image.Width)));
                }
            }
            _progress?.Report(new DetectorProgress("windows", i + 1, count, $"{usable.Count} images to train on"));
        }
        if (usable.Count == 0) throw new DatasetException(_images.Data.Name, "has no windows to train on; its images cannot be read or show no objects.");
        _usable = [.. usable];
        _targets = BoxTargets.Of(pairs);
    }

    // Reading an image does not resize it; what would be refused then, in the middle of the training, is left out before.
    private bool Resizable(int index, RgbImage image)
    {
        if (InputPreparation.Refusal(image) is not { } reason) return true;
        _images.LeaveOut(index, reason);
        return false;
    }

    private void Step(EndToEndPass pass)
    {
        var batch = new BatchImage[_options.ImagesPerBatch];
        for (int slot = 0; slot < batch.Length; slot++)
        {
            int windows = _options.BatchSize / batch.Length + (slot < _options.BatchSize % batch.Length ? 1 : 0);
            batch[slot] = Draw((long)_iteration * batch.Length + slot, windows);
        }
        // The first update is number 1 here: each has its own dropout.
        var random = new PassState(_seed, (uint)_iteration + 1);
        pass.Forward(batch, random);
        pass.Backward(random);
        _optimiser.Update(_options.LearningRateAt(_iteration++), gradientScale: 1);
    }

    // The images of an epoch come in an order of its own, each once.
    private BatchImage Draw(long number, int windows)
    {
        long epoch = number / _usable.Length;
        if (epoch != _orderEpoch)
        {
            _order = [.. _usable];
            new RandomStream(new RandomKey(_seed, OrderStream, (uint)epoch)).Shuffle<int>(_order);
            _orderEpoch = epoch;
        }
        int index = _order[number % _usable.Length];
        if (_images.Read(index) is not { } read)
            throw new DatasetException(_images.Data.Name, $"{_images.Data.Images[index].Name} could be read before and cannot now; start again when it is back.");
        return WindowMinibatch.Draw(read.Image, _images.Data.Images[index], read.Windows, windows, _features, _options, new RandomStream(new RandomKey(_seed, WindowStream, (uint)number)));
    }

    private void Save() => _checkpoint.Save(new State(_iteration, _usable.Length, Fingerprint(_usable)));

    private void Restore() => _iteration = _checkpoint.Load((state, _) =>
    {
        // The order of the images and the range of the boxes' targets follow from all of them.
        if (state.Usable != Fingerprint(_usable))
            throw new RunFolderException(_checkpoint.Folder, $"the run was training on {state.Images} images, but {_usable.Length} can be used now and they are not the same; bring back those that the warnings name, or train in another folder.");
    }).Iteration;

    private static string Fingerprint(int[] images) => Convert.ToHexStringLower(SHA256.HashData(MemoryMarshal.AsBytes<int>(images)));

    /// <summary>Updates done, and which images were found to have windows to draw.</summary>
    internal sealed record State(int Iteration, int Images, string Usable);
}
