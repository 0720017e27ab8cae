namespace IlgpuSpp.Training;

/// <summary>
/// A planned training pass for one input shape, with the loss and the counting of right answers. Losses and ranks stay on
/// the device for some steps and come to the host together, so that a step need not wait for the device.
/// </summary>
internal sealed class TrainingPass : IDisposable
{
    /// <summary>Steps whose numbers fit on the device.</summary>
    public const int PendingSteps = 16;

    private readonly Backend _backend;
    private readonly NetworkPass _pass;
    private readonly Tensor<int> _labels, _allRanks;
    private readonly Tensor _probabilities, _allLosses;
    private readonly Tensor[] _losses, _pendingLosses;
    private readonly Tensor<int>[] _ranks, _pendingRanks;
    private readonly float[] _hostLosses;
    private readonly int[] _hostRanks;
    private Tensor? _targets;

    public TrainingPass(Network network, Shape input, Layer? part = null, bool recompute = false)
    {
        _backend = network.Backend;
        _pass = network.Plan(input, PassMode.Training, part, recompute);
        Rows = input.Batch;
        _labels = _backend.Allocate<int>(new Shape(Rows));
        _probabilities = _backend.Allocate(_pass.Output.Shape);
        _allLosses = _backend.Allocate(new Shape(PendingSteps * Rows));
        _allRanks = _backend.Allocate<int>(new Shape(PendingSteps * Rows));

        // Views are objects; made here, a step makes none.
        _losses = [.. Enumerable.Range(0, PendingSteps).Select(i => _allLosses.View(new Shape(Rows), i * Rows))];
        _ranks = [.. Enumerable.Range(0, PendingSteps).Select(i => _allRanks.View(new Shape(Rows), i * Rows))];
        _pendingLosses = [.. Enumerable.Range(1, PendingSteps).Select(n => _allLosses.View(new Shape(n * Rows)))];
        _pendingRanks = [.. Enumerable.Range(1, PendingSteps).Select(n => _allRanks.View(new Shape(n * Rows)))];
        _hostLosses = new float[PendingSteps * Rows];
        _hostRanks = new int[PendingSteps * Rows];
    }

    /// <summary>The passes of a run, one for each input size and number of rows.</summary>
    /// <param name="network">The network.</param>
    /// <param name="capacity">Most passes kept, at least 1.</param>
    /// <param name="part">Layers of the network, where the passes go through a part of them; null for all.</param>
    /// <param name="recompute">Whether activations are computed again on the way back.</param>
    public static PassCache<TrainingPass> CacheOf(Network network, int capacity, Layer? part = null, bool recompute = false) =>
        new(network.Backend, input => new TrainingPass(network, input, part, recompute), pass => pass.Bytes, capacity, long.MaxValue);

    /// <summary>Images of a batch.</summary>
    public int Rows { get; }

    /// <summary>Shape of the inputs.</summary>
    public Shape Input => _pass.Input.Shape;

    /// <summary>Bytes of activations and gradients.</summary>
    public long Bytes => _pass.Bytes;

    /// <summary>Steps whose numbers have not been read yet.</summary>
    public int Pending { get; private set; }

    /// <summary>Runs rows of a batch forward and backward: adds to the gradients of the parameters.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="first">The first row.</param>
    /// <param name="count">Number of rows, those of the pass.</param>
    /// <param name="loss">The loss.</param>
    /// <param name="scale">Factor of the gradient.</param>
    /// <param name="state">The step's random numbers.</param>
    public void Run(Batch batch, int first, int count, TrainingLoss loss, float scale, PassState state)
    {
        int row = batch.Shape.RowLength;
        ReadOnlySpan<float> images = batch.Images.Slice(first * row, count * row);
        ReadOnlySpan<int> labels = batch.Labels.Slice(first, count);
        if (loss.ByLabels is { } byLabels)
        {
            Run(images, labels, byLabels, scale, state);
            return;
        }
        Begin(images, labels, state);
        _targets ??= _backend.Allocate(_pass.Output.Shape);
        _targets.Upload(loss.TargetsOf(batch, first, count));
        _backend.FocalForward(_pass.Output, _targets, _probabilities, _losses[Pending], loss.Focus);
        _backend.FocalBackward(_probabilities, _targets, _pass.OutputGradient!, loss.Focus, scale);
        End(state);
    }

    /// <summary>Runs forward and backward: adds to the gradients of the parameters.</summary>
    /// <param name="images">The inputs, <c>[n, h, w, 3]</c>.</param>
    /// <param name="labels">Their classes, −1 for a row that does not count, <c>[n]</c>.</param>
    /// <param name="loss">The loss.</param>
    /// <param name="scale">Factor of the gradient.</param>
    /// <param name="state">The step's random numbers.</param>
    public void Run(ReadOnlySpan<float> images, ReadOnlySpan<int> labels, Loss loss, float scale, PassState state)
    {
        Begin(images, labels, state);
        loss.Forward(_backend, _pass.Output, _labels, _probabilities, _losses[Pending]);
        loss.Backward(_backend, _pass.Output, _labels, _probabilities, _pass.OutputGradient!, scale);
        End(state);
    }

    private void Begin(ReadOnlySpan<float> images, ReadOnlySpan<int> labels, PassState state)
    {
        if (Pending == PendingSteps) throw new InvalidOperationException("The numbers of earlier steps must be read first.");
        _pass.Input.Upload(images);
        _labels.Upload(labels);
        _pass.Forward(state);
    }

    private void End(PassState state)
    {
        _backend.LabelRanks(_pass.Output, _labels, _ranks[Pending]);
        _pass.Backward(state);
        Pending++;
    }

    /// <summary>Brings the numbers of the pending steps to the host.</summary>
    /// <param name="totals">Receives them, one for each step, oldest first; at least <see cref="PendingSteps"/> long.</param>
    /// <returns>Number of steps.</returns>
    public int Read(Span<StepTotals> totals)
    {
        if (Pending == 0) return 0;
        int steps = Pending;
        Pending = 0;
        _pendingLosses[steps - 1].Download(_hostLosses.AsSpan(0, steps * Rows));
        _pendingRanks[steps - 1].Download(_hostRanks.AsSpan(0, steps * Rows));
        for (int step = 0; step < steps; step++)
        {
            double loss = 0;
            int images = 0, correct = 0;
            for (int row = step * Rows; row < (step + 1) * Rows; row++)
            {
                if (_hostRanks[row] < 0) continue;
                images++;
                if (_hostRanks[row] == 0) correct++;
                loss += _hostLosses[row];
            }
            totals[step] = new StepTotals(loss, images, correct);
        }
        return steps;
    }

    public void Dispose()
    {
        _pass.Dispose();
        _labels.Dispose();
        _targets?.Dispose();
        _probabilities.Dispose();
        _allLosses.Dispose();
        _allRanks.Dispose();
    }
}

/// <summary>Sums over the images of one batch.</summary>
/// <param name="Loss">Sum of the losses.</param>
/// <param name="Images">Images that count.</param>
/// <param name="Correct">Images classified right.</param>
internal readonly record struct StepTotals(double Loss, int Images, int Correct)
{
    /// <summary>Whether the mean loss is a number.</summary>
    public bool IsFinite => double.IsFinite(Loss);

    public double MeanLoss => Images == 0 ? 0 : Loss / Images;
}

/// <summary>Sums over the training batches of an epoch.</summary>
/// <param name="Loss">Sum of the images' losses.</param>
/// <param name="Images">Number of images.</param>
/// <param name="Correct">Images classified right.</param>
internal readonly record struct EpochTotals(double Loss, long Images, long Correct)
{
    public double MeanLoss() => Images == 0 ? double.NaN : Loss / Images;

    public double Accuracy() => Images == 0 ? double.NaN : (double)Correct / Images;
}
