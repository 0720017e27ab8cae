namespace IlgpuSpp.Training;

/// <summary>
/// One minibatch through the whole network and back: the stem on each image at each scale in use, windows pooled from the maps, the head with its two sibling layers,
/// L = mean of L_cls + λ·[u ≥ 1]·L_loc over the windows (Fast R-CNN, equation 1), and its gradient through the pooling into the stem.
/// </summary>
internal sealed class EndToEndPass : IDisposable
{
    // Where smooth L1 turns from a parabola into a line (equation 3).
    private const float SmoothL1Corner = 1;

    private readonly PooledWindowFeatures _features;
    private readonly Backend _backend;
    private readonly BoxTargets _targets;
    private readonly double _boxWeight;
    private readonly bool _trainStem, _recompute;
    private readonly NetworkPass _head;
    private readonly Tensor<int> _labels;
    private readonly Tensor<int>? _argmax;
    private readonly Tensor _scores, _probabilities, _classLosses;
    private readonly Tensor? _moves, _moveTargets, _moveWeights, _moveGradient, _boxLosses;
    private readonly int[] _hostLabels;
    private readonly float[] _hostTargets, _hostWeights;
    private readonly CrossEntropyLoss _loss = new();
    private readonly List<StemPart> _parts = [];
    private long _largestStems;

    /// <summary>Plans the head's pass.</summary>
    /// <param name="model">The network; what is not to be trained is frozen already.</param>
    /// <param name="features">Prepares its images and windows.</param>
    /// <param name="boxes">Moves boxes; null for none.</param>
    /// <param name="targets">Brings the boxes' targets to one range.</param>
    /// <param name="windows">Windows of a minibatch.</param>
    /// <param name="boxWeight">λ.</param>
    /// <param name="recompute">Whether the activations in front of the pyramid are computed again on the way back.</param>
    public EndToEndPass(Model model, PooledWindowFeatures features, BoxLayer? boxes, BoxTargets targets, int windows, double boxWeight, bool recompute = false)
    {
        _recompute = recompute;
        (_features, _backend, _targets, _boxWeight) = (features, model.Backend, targets, boxWeight);
        // Gradients exist from here on, so that the layers of the passes below find them.
        model.Network.PrepareTraining();
        _trainStem = features.Split.Stem.SelfAndDescendants().SelectMany(layer => layer.Parameters).Any(parameter => parameter.GradientOrNull is not null);
        try
        {
            _head = features.Split.PlanHeadEndToEnd(windows, features.Length, boxes?.Layer, needInputGradient: _trainStem);
            if (_trainStem) _argmax = _backend.Allocate<int>(new Shape(windows, features.Length));
            _labels = _backend.Allocate<int>(new Shape(windows));
            int moves = boxes?.Layer.OutFeatures ?? 0;
            _scores = _backend.Allocate(new Shape(windows, _head.Output.Shape.RowLength - moves));
            _probabilities = _backend.Allocate(_scores.Shape);
            _classLosses = _backend.Allocate(new Shape(windows));
            _hostLabels = new int[windows];
            _hostTargets = new float[windows * moves];
            _hostWeights = new float[windows * moves];
            if (boxes is not null)
            {
                _moves = _backend.Allocate(new Shape(windows, moves));
                _moveTargets = _backend.Allocate(_moves.Shape);
                _moveWeights = _backend.Allocate(_moves.Shape);
                _moveGradient = _backend.Allocate(_moves.Shape);
                _boxLosses = _backend.Allocate(new Shape(windows));
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Runs the forward pass and both losses.</summary>
    /// <param name="images">The minibatch; as many windows in all as planned.</param>
    /// <param name="state">The step's random numbers.</param>
    public void Forward(IReadOnlyList<BatchImage> images, PassState state)
    {
        int count = images.Sum(image => image.Windows.Count);
        if (count != _hostLabels.Length) throw new ArgumentException($"The minibatch has {count} windows, but {_hostLabels.Length} were planned.", nameof(images));
        ReleaseStem();
        _hostWeights.AsSpan().Clear();
        _hostTargets.AsSpan().Clear();
        int row = 0;
        foreach (BatchImage image in images)
        {
            foreach (IGrouping<int, BatchWindow> group in image.Windows.GroupBy(window => window.Scale).OrderBy(group => group.Key))
            {
                BatchWindow[] windows = [.. group];
                Pool(image, windows, _features.Options.Scales[group.Key], row, state);
                for (int i = 0; i < windows.Length; i++) Target(row + i, windows[i]);
                row += windows.Length;
            }
        }
        _labels.Upload(_hostLabels);
        _head.Forward(state);
        Tensor[] outputs = _moves is null ? [_scores] : [_scores, _moves];
        _backend.ConcatBackward(_head.Output, outputs);
        _loss.Forward(_backend, _scores, _labels, _probabilities, _classLosses);
        if (_moves is null) return;
        _moveTargets!.Upload(_hostTargets);
        _moveWeights!.Upload(_hostWeights);
        _backend.SmoothL1Forward(_moves, _moveTargets, _moveWeights, _boxLosses!, SmoothL1Corner);
    }

    /// <summary>The mean over all windows of the classes' loss, and of the boxes' before its weight.</summary>
    public (double Classes, double Boxes) Losses() => (_classLosses.ToArray().Average(), _boxLosses?.ToArray().Average() ?? 0);

    /// <summary>Runs the backward pass of the last <see cref="Forward"/>: adds to the gradients of everything that is not frozen.</summary>
    /// <param name="state">The same as in <see cref="Forward"/>.</param>
    public void Backward(PassState state)
    {
        float scale = 1f / _hostLabels.Length;
        _loss.Backward(_backend, _scores, _labels, _probabilities, _scores, scale);
        Tensor[] gradients = [_scores];
        if (_moves is not null)
        {
            _backend.SmoothL1Backward(_moves, _moveTargets!, _moveWeights!, _moveGradient!, SmoothL1Corner, (float)(_boxWeight * scale));
            gradients = [_scores, _moveGradient!];
        }
        _backend.ConcatForward(gradients, _head.OutputGradient!);
        _head.Backward(state);
        if (!_trainStem) return;
        foreach (StemPart part in _parts)
        {
            (Shape rows, long first) = (new Shape(part.Count, _features.Length), (long)part.Row * _features.Length);
            _features.Split.PoolWindowsBackward(_head.InputGradient!.View(rows, first), part.Windows!, _argmax!.View(rows, first), part.Pass.OutputGradient!);
            part.Pass.Backward(state);
        }
    }

    public void Dispose()
    {
        ReleaseStem();
        foreach (IDisposable? owned in (IDisposable?[])[_head, _argmax, _labels, _scores, _probabilities, _classLosses, _moves, _moveTargets, _moveWeights, _moveGradient, _boxLosses]) owned?.Dispose();
    }

    private void Pool(BatchImage image, BatchWindow[] windows, int scale, int row, PassState state)
    {
        NetworkPass pass = _features.PlanStem(image.Image, scale, image.Mirrored, _trainStem ? PassMode.Training : PassMode.Inference, _recompute);
        var part = new StemPart(pass, row, windows.Length);
        _parts.Add(part);
        part.Windows = _features.MapWindows(pass.Output.Shape, [.. windows.Select(window => window.Box)], 0, windows.Length, Math.Min(image.Image.Width, image.Image.Height), scale);
        pass.Forward(state);
        (Shape rows, long first) = (new Shape(windows.Length, _features.Length), (long)row * _features.Length);
        _features.Split.PoolWindows(pass.Output, part.Windows, _head.Input.View(rows, first), _argmax?.View(rows, first));
    }

    private void Target(int row, BatchWindow window)
    {
        _hostLabels[row] = window.Label;
        if (window.Label == 0 || _moves is null) return;
        int first = row * _moves.Shape.RowLength + BoxEncoding.Length * (window.Label - 1);
        _targets.Encode(window.Box, window.Object, _hostTargets.AsSpan(first, BoxEncoding.Length));
        _hostWeights.AsSpan(first, BoxEncoding.Length).Fill(1);
    }

    private void ReleaseStem()
    {
        if (_parts.Count == 0) return;
        _backend.Synchronize();
        _largestStems = Math.Max(_largestStems, _parts.Sum(part => part.Pass.Bytes));
        foreach (StemPart part in _parts)
        {
            part.Pass.Dispose();
            part.Windows?.Dispose();
        }
        _parts.Clear();
        // Images of many shapes leave blocks of many sizes in the pool that fit no other.
        if (_backend.Memory.Pooled > 2 * _largestStems) _backend.TrimMemory();
    }

    private sealed class StemPart(NetworkPass pass, int row, int count)
    {
        public NetworkPass Pass => pass;

        public int Row => row;

        public int Count => count;

        // Null until the windows are mapped; a failure before that still finds the pass here.
        public Tensor<int>? Windows { get; set; }
    }
}
