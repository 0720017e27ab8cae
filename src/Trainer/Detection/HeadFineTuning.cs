using System.Globalization;

namespace IlgpuSpp.Training;

/// <summary>
/// Trains the layers behind the pyramid on windows of the training images (the paper, section 4.1): minibatches of a quarter objects and three quarters
/// background, drawn from groups of images as in the release, which also mirrors images and pools windows at random scales. The weights with the least error on images held out are kept. Everything follows
/// from the seed and the number of the update, so that a run goes on from a checkpoint to the same bits.
/// </summary>
internal sealed class HeadFineTuning : IDisposable
{
    private const uint OrderStream = 0xDE7E_0010, WindowStream = 0xDE7E_0011, BatchStream = 0xDE7E_0012, HeldOutStream = 0xDE7E_0013;
    private const string BestSuffix = ".best";

    private readonly TrainingImages _train, _heldOut;
    private readonly FineTuningOptions _options;
    private readonly ulong _seed;
    private readonly StageCheckpoint<State> _checkpoint;
    private readonly IProgress<DetectorProgress>? _progress;
    private readonly Backend _backend;
    private readonly Parameter[] _head;
    private readonly SgdOptimiser _optimiser;
    private readonly NetworkPass _pass, _test;
    private readonly Tensor<int> _labels;
    private readonly Tensor _probabilities, _losses;
    private readonly float[] _rows;
    private readonly int[] _hostLabels;
    private readonly CrossEntropyLoss _loss = new();
    private State _state = new(0, 0, 0, 0, double.PositiveInfinity, 0);
    private float[][]? _best;
    private WindowSamples? _group, _heldOutSamples;
    private int _groupIterations, _nextPosition;

    public HeadFineTuning(
        Model model, TrainingImages train, TrainingImages heldOut, FineTuningOptions options, ulong seed, string checkpoint, IProgress<DetectorProgress>? progress)
    {
        (_train, _heldOut, _options, _seed, _progress) = (train, heldOut, options, seed, progress);
        _backend = model.Backend;
        SplitNetwork split = train.Features.Split;
        foreach (Layer layer in split.Stem.SelfAndDescendants())
            foreach (Parameter parameter in layer.Parameters) parameter.Frozen = true;
        _head = [.. split.Head.SelfAndDescendants().SelectMany(layer => layer.Parameters)];
        int batch = options.BatchSize, length = train.Features.Length;
        try
        {
            _pass = split.PlanHead(batch, length, PassMode.Training);
            _test = split.PlanHead(batch, length);
            _labels = _backend.Allocate<int>(new Shape(batch));
            _probabilities = _backend.Allocate(_pass.Output.Shape);
            _losses = _backend.Allocate(new Shape(batch));
            _optimiser = options.CreateOptimiser(_backend, _head);
        }
        catch
        {
            Dispose();
            throw;
        }
        _checkpoint = new StageCheckpoint<State>(checkpoint, "fine-tuning", _head, _optimiser, DetectionTrainingJson.Default.HeadFineTuningState);
        _rows = new float[batch * length];
        _hostLabels = new int[batch];
    }

    /// <summary>The least error on the images held out, and after which update.</summary>
    public (double Error, int Iteration) Best => (_state.BestError, _state.BestIteration);

    /// <summary>Trains from the checkpoint, where there is one, to the end; leaves the best weights in the model.</summary>
    public void Run(CancellationToken cancellation)
    {
        if (_options.Iterations == 0) return;
        if (_checkpoint.Exists) Restore();
        while (_state.Iteration < _options.Iterations)
        {
            if (cancellation.IsCancellationRequested)
            {
                Save();
                cancellation.ThrowIfCancellationRequested();
            }
            if (_group is null) LoadGroup(cancellation);
            double loss = Step();
            bool last = _state.Iteration == _options.Iterations;
            if (last || _state.Iteration % _options.EvaluateEvery == 0)
            {
                Evaluate(loss, cancellation);
                NextGroupIfDone();
                Save();
            }
            else
            {
                NextGroupIfDone();
            }
        }
        if (_best is not null)
            for (int i = 0; i < _head.Length; i++) _head[i].Value.Upload(_best[i]);
    }

    public void Dispose()
    {
        foreach (IDisposable? owned in (IDisposable?[])[_pass, _test, _labels, _probabilities, _losses, _optimiser]) owned?.Dispose();
    }

    private double Step()
    {
        int foreground = (int)Math.Round(_options.ForegroundShare * _options.BatchSize);
        _group!.Fill(_rows, _hostLabels, foreground, new RandomStream(new RandomKey(_seed, BatchStream, (uint)_state.Iteration)));
        _pass.Input.Upload(_rows);
        _labels.Upload(_hostLabels);
        var random = new PassState(_seed, (uint)_state.Iteration);
        _pass.Forward(random);
        _loss.Forward(_backend, _pass.Output, _labels, _probabilities, _losses);
        _loss.Backward(_backend, _pass.Output, _labels, _probabilities, _pass.OutputGradient!, 1f / _options.BatchSize);
        _pass.Backward(random);
        _optimiser.Update(_options.LearningRateAt(_state.Iteration), gradientScale: 1);
        _state = _state with { Iteration = _state.Iteration + 1, InGroup = _state.InGroup + 1 };
        bool report = _state.Iteration % 50 == 0 || _state.Iteration % _options.EvaluateEvery == 0 || _state.Iteration == _options.Iterations;
        return report ? _losses.ToArray().Average() : double.NaN;
    }

    private void Evaluate(double loss, CancellationToken cancellation)
    {
        _heldOutSamples ??= HeldOut(cancellation);
        double error = double.NaN;
        if (_heldOutSamples.Foreground + _heldOutSamples.Background > 0)
        {
            error = Error(_heldOutSamples);
            if (error < _state.BestError)
            {
                _best = [.. _head.Select(parameter => parameter.Value.ToArray())];
                _state = _state with { BestError = error, BestIteration = _state.Iteration };
            }
        }
        _progress?.Report(new DetectorProgress("fine-tuning", _state.Iteration, _options.Iterations, string.Create(CultureInfo.InvariantCulture, $"loss {loss:0.000}, held-out error {100 * error:0.0} %")));
    }

    // The share of wrong windows, drawn with the shares of training from a stream of its own, the same at every measurement.
    private double Error(WindowSamples samples)
    {
        const int Batches = 16;
        int foreground = (int)Math.Round(_options.ForegroundShare * _options.BatchSize), wrong = 0, outputs = _test.Output.Shape.RowLength;
        var random = new RandomStream(new RandomKey(_seed, HeldOutStream, 1));
        for (int batch = 0; batch < Batches; batch++)
        {
            samples.Fill(_rows, _hostLabels, foreground, random);
            _test.Input.Upload(_rows);
            _test.Forward();
            float[] scores = _test.Output.ToArray();
            for (int row = 0; row < _hostLabels.Length; row++)
            {
                ReadOnlySpan<float> own = scores.AsSpan(row * outputs, outputs);
                for (int c = 0; c < outputs; c++)
                {
                    if (c == _hostLabels[row] || own[c] <= own[_hostLabels[row]]) continue;
                    wrong++;
                    break;
                }
            }
        }
        return (double)wrong / (Batches * _hostLabels.Length);
    }

    private WindowSamples HeldOut(CancellationToken cancellation)
    {
        var samples = new WindowSamples(_heldOut.Features.Length);
        for (int i = 0; i < _heldOut.Data.Images.Count && samples.Bytes < _options.GroupBytes / 4; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            AddImage(samples, _heldOut, i, mirrored: false, TrainingScale.Best, new RandomStream(new RandomKey(_seed, HeldOutStream, (uint)(i + 2))));
        }
        return samples;
    }

    // What an epoch goes through: every image and, with flips, every mirrored one.
    private int EpochLength => _train.Data.Images.Count * (_options.Flips ? 2 : 1);

    // A group is told by its epoch and its first position in the epoch's order alone.
    private void LoadGroup(CancellationToken cancellation)
    {
        int images = _train.Data.Images.Count, count = EpochLength;
        int[] order = [.. Enumerable.Range(0, count)];
        new RandomStream(new RandomKey(_seed, OrderStream, (uint)_state.Epoch)).Shuffle<int>(order);
        var group = new WindowSamples(_train.Features.Length);
        int position = _state.Position;
        for (; position < count && group.Bytes < _options.GroupBytes; position++)
        {
            cancellation.ThrowIfCancellationRequested();
            AddImage(group, _train, order[position] % images, mirrored: order[position] >= images, _options.Scale, new RandomStream(new RandomKey(_seed, WindowStream, (uint)(_state.Epoch * count + position))));
            _progress?.Report(new DetectorProgress("windows", position + 1, count, $"{group.Foreground} on objects, {group.Background} background"));
        }
        if (group.Foreground + group.Background == 0)
        {
            if (_state.Position == 0) throw new Data.DatasetException(_train.Data.Name, "has no windows to train on; its images cannot be read or show no objects.");
            // The rest of this epoch's order has nothing to give.
            _state = _state with { Epoch = _state.Epoch + 1, Position = 0, InGroup = 0 };
            LoadGroup(cancellation);
            return;
        }
        _group = group;
        _nextPosition = position;
        int foreground = (int)Math.Round(_options.ForegroundShare * _options.BatchSize);
        _groupIterations = Math.Max(1, (int)Math.Round(_options.DrawsPerGroup * Math.Max(group.Foreground, 1) / foreground));
    }

    private void AddImage(WindowSamples samples, TrainingImages images, int index, bool mirrored, TrainingScale scale, RandomStream random)
    {
        if (images.Load(index, mirrored) is not { } loaded) return;
        using IImageWindows features = loaded.Features;
        samples.Add(features, _backend, images.Data.Images[index], loaded.Windows, _options, scale, random);
    }

    private void NextGroupIfDone()
    {
        if (_group is null || _state.InGroup < _groupIterations) return;
        bool epochOver = _nextPosition >= EpochLength;
        _state = _state with { Epoch = epochOver ? _state.Epoch + 1 : _state.Epoch, Position = epochOver ? 0 : _nextPosition, InGroup = 0 };
        _group = null;
    }

    private void Save() => _checkpoint.Save(_state, _best?.Select((values, i) => ModelFile.ToNamedTensor(_head[i], values, BestSuffix)));

    private void Restore() => _state = _checkpoint.Load((state, file) =>
    {
        if (state.BestIteration > 0) _best = [.. _head.Select(parameter => ModelFile.ReadTensor(file, _checkpoint.Location, parameter, BestSuffix))];
    });

    internal sealed record State(int Iteration, int Epoch, int Position, int InGroup, double BestError, int BestIteration);
}
