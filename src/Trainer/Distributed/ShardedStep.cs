using System.Diagnostics;
using IlgpuSpp.Distributed;

namespace IlgpuSpp.Training.Distributed;

/// <summary>
/// The training step that is shared out: a batch is cut into a fixed number of shards, every rank runs its own, and what they give is added up in an order that
/// does not depend on the ranks. Batch normalisation sees the images of a shard; its running statistics move by the mean of the shards' moves, weighted by their rows.
/// </summary>
internal sealed class ShardedStep
{
    // Behind the gradients and statistics of a vector: whether to stop, three numbers a shard, the seconds of every rank.
    private const int Flags = 1, ShardNumbers = 3;

    private readonly Backend _backend;
    private readonly ICollective _ranks;
    private readonly GradientReduction _reduction;
    private readonly Parameter[] _statistics;
    private readonly Tensor[] _gradients;
    private readonly float[][] _before;
    private readonly StepTotals[] _read = new StepTotals[TrainingPass.PendingSteps];
    private readonly ulong _seed;
    private readonly int _shards, _first, _end, _rows, _images, _batchSize, _gradientLength, _tail;
    private readonly double[] _secondsOfRanks;
    private float[]? _sum;
    private long _left;
    private double _computing, _communicating;

    /// <param name="network">The network, prepared for training, its layers frozen as they will be.</param>
    /// <param name="options">Batch, shards and order of the sum.</param>
    /// <param name="images">Images of an epoch.</param>
    /// <param name="ranks">The ranks.</param>
    public ShardedStep(Network network, TrainerOptions options, int images, ICollective ranks)
    {
        (_backend, _ranks, _seed) = (network.Backend, ranks, options.Seed);
        (_shards, _batchSize, _images) = (options.Shards, options.BatchSize, images);
        _rows = options.BatchSize / options.Shards;
        (_first, _end) = (ShardTree.First(_shards, ranks.Rank, ranks.Size), ShardTree.First(_shards, ranks.Rank + 1, ranks.Size));
        _gradients = [.. network.Parameters.Select(parameter => parameter.GradientOrNull).OfType<Tensor>()];
        _statistics = [.. network.Parameters.Where(parameter => !parameter.Trainable)];
        _before = [.. _statistics.Select(own => new float[own.Shape.Count])];
        long length = _gradients.Sum(tensor => tensor.Count) + _statistics.Sum(own => own.Shape.Count) + Flags + ShardNumbers * _shards + ranks.Size;
        if (length > Array.MaxLength) throw new OptionsException(nameof(options.Shards), $"cannot share out a network of {length:N0} parameters; at most {Array.MaxLength:N0} can be added up");
        _gradientLength = (int)_gradients.Sum(tensor => tensor.Count);
        _tail = (int)length - Flags - ShardNumbers * _shards - ranks.Size;
        _reduction = new GradientReduction((int)length, _shards, options.Reduce, ranks);
        _secondsOfRanks = new double[ranks.Size];
    }

    /// <summary>Which rows of every batch are this rank's.</summary>
    public (int First, int Count) Rows => (_first * _rows, (_end - _first) * _rows);

    /// <summary>Whether a rank was asked to stop by the last step: known to all.</summary>
    public bool Stop { get; private set; }

    /// <summary>How the ranks did since the last call; null for a single one.</summary>
    public RankProgress? TakeProgress()
    {
        if (_ranks.Size == 1) return null;
        int slowest = Array.IndexOf(_secondsOfRanks, _secondsOfRanks.Max());
        double all = _computing + _communicating;
        var progress = new RankProgress(_ranks.Size, slowest, _ranks.Hosts[slowest], _secondsOfRanks.Average() > 0 ? _secondsOfRanks[slowest] / _secondsOfRanks.Average() : 1, all > 0 ? _communicating / all : 0);
        (_computing, _communicating) = (0, 0);
        Array.Clear(_secondsOfRanks);
        return progress;
    }

    /// <summary>The wait for an evaluation or a checkpoint is no part of a step.</summary>
    public void Begin() => _left = Stopwatch.GetTimestamp();

    /// <summary>Runs this rank's shards of a batch and adds up over all ranks.</summary>
    /// <param name="batch">This rank's rows of the batch.</param>
    /// <param name="passOf">Gives the pass of an input shape.</param>
    /// <param name="loss">The loss.</param>
    /// <param name="scale">Factor of the gradient.</param>
    /// <param name="step">The step since the run began.</param>
    /// <param name="stop">Whether this rank was asked to stop.</param>
    /// <returns>Sums over the whole batch.</returns>
    public StepTotals Run(Batch batch, Func<Shape, TrainingPass> passOf, TrainingLoss loss, float scale, long step, bool stop)
    {
        for (int i = 0; i < _statistics.Length; i++) _statistics[i].Value.Download(_before[i]);
        // The first shard of a batch has the most rows.
        float largest = Math.Min(_rows, _images - (long)batch.Number * _batchSize), weights = 0;
        for (int shard = 0; shard < _shards; shard++) weights += Math.Clamp(_images - (long)batch.Number * _batchSize - shard * _rows, 0, _rows) / largest;
        for (int shard = _first; shard < _end; shard++)
        {
            float[] vector = _reduction.Rent();
            int first = (shard - _first) * _rows, count = Math.Clamp(batch.Size - first, 0, _rows);
            if (count == 0 || batch.Labels.Slice(first, count).Count(-1) == count)
            {
                Array.Clear(vector);
            }
            else
            {
                StepTotals totals = RunShard(batch, first, count, passOf, loss, scale, new PassState(_seed, (uint)(step * _shards + shard)));
                Collect(vector, count / largest);
                (vector[NumbersOf(shard)], vector[NumbersOf(shard) + 1], vector[NumbersOf(shard) + 2]) = ((float)totals.Loss, totals.Images, totals.Correct);
            }
            _reduction.Add(shard, vector);
        }
        return Finish(weights, stop);
    }

    /// <summary>Puts the gradients of the batches since the last call where the optimiser reads them.</summary>
    public void WriteGradients()
    {
        if (_sum is null) return;
        int at = 0;
        foreach (Tensor gradient in _gradients)
        {
            gradient.Upload(_sum.AsSpan(at, (int)gradient.Count));
            at += (int)gradient.Count;
        }
        _reduction.Return(_sum);
        _sum = null;
    }

    private int NumbersOf(int shard) => _tail + Flags + ShardNumbers * shard;

    private StepTotals RunShard(Batch batch, int first, int count, Func<Shape, TrainingPass> passOf, TrainingLoss loss, float scale, PassState state)
    {
        for (int i = 0; i < _statistics.Length; i++) _statistics[i].Value.Upload(_before[i]);
        TrainingPass pass = passOf(new Shape(count, batch.Height, batch.Width, 3));
        pass.Run(batch, first, count, loss, scale, state);
        pass.Read(_read);
        return _read[0];
    }

    private void Collect(float[] vector, float weight)
    {
        int at = 0;
        foreach (Tensor gradient in _gradients)
        {
            gradient.Download(vector.AsSpan(at, (int)gradient.Count));
            _backend.Fill(gradient, 0);
            at += (int)gradient.Count;
        }
        for (int i = 0; i < _statistics.Length; i++)
        {
            Span<float> moved = vector.AsSpan(at, _before[i].Length);
            _statistics[i].Value.Download(moved);
            for (int k = 0; k < moved.Length; k++) moved[k] = (moved[k] - _before[i][k]) * weight;
            at += moved.Length;
        }
        vector.AsSpan(_tail).Clear();
    }

    private StepTotals Finish(float weights, bool stop)
    {
        long start = Stopwatch.GetTimestamp();
        double computed = Stopwatch.GetElapsedTime(_left, start).TotalSeconds;
        _reduction.Note(NumbersOf(_shards) + _ranks.Rank, (float)computed);
        _reduction.Note(_tail, stop ? 1 : 0);
        float[] sum = _reduction.Reduce();
        int at = _gradientLength;
        for (int i = 0; i < _statistics.Length; i++)
        {
            float[] value = _before[i];
            for (int k = 0; k < value.Length; k++) value[k] += sum[at + k] / weights;
            _statistics[i].Value.Upload(value);
            at += value.Length;
        }
        double loss = 0;
        float images = 0, correct = 0;
        for (int shard = 0; shard < _shards; shard++)
        {
            loss += sum[NumbersOf(shard)];
            images += sum[NumbersOf(shard) + 1];
            correct += sum[NumbersOf(shard) + 2];
        }
        Stop = sum[_tail] > 0;
        for (int rank = 0; rank < _secondsOfRanks.Length; rank++) _secondsOfRanks[rank] += sum[NumbersOf(_shards) + rank];
        if (_sum is null)
        {
            _sum = sum;
        }
        else
        {
            GradientReduction.AddTo(_sum.AsSpan(0, _gradientLength), sum.AsSpan(0, _gradientLength));
            _reduction.Return(sum);
        }
        _left = Stopwatch.GetTimestamp();
        _computing += computed;
        _communicating += Stopwatch.GetElapsedTime(start, _left).TotalSeconds;
        return new StepTotals(loss, (int)images, (int)correct);
    }
}
