using System.Diagnostics;
using System.Runtime.InteropServices;
using IlgpuSpp.Distributed;
using Microsoft.Extensions.Logging;

namespace IlgpuSpp.Training.Distributed;

/// <summary>
/// Measures a model on images that the ranks share: the data set is cut into a fixed number of parts, each measured by itself, and every rank counts the predictions of all in
/// the order of the data set. The result does not depend on the number of ranks.
/// </summary>
internal sealed class SharedEvaluation : IDisposable
{
    private readonly Evaluator _evaluator;
    private readonly ICollective _ranks;
    private readonly ImageDataset _data;
    private readonly List<(int First, ImageDataset Images)> _parts = [];
    private readonly double _maxUndecodable;

    public SharedEvaluation(TrainedModel model, ImageDataset data, EvaluatorOptions options, int shards, ICollective ranks, ILogger logger)
    {
        (_ranks, _data, _maxUndecodable) = (ranks, data, options.MaxUndecodableShare);
        int end = ShardTree.First(shards, ranks.Rank + 1, ranks.Size);
        for (int shard = ShardTree.First(shards, ranks.Rank, ranks.Size); shard < end; shard++)
        {
            int first = ShardTree.First(data.Count, shard, shards), behind = ShardTree.First(data.Count, shard + 1, shards);
            if (first < behind) _parts.Add((first, data.Subset(Enumerable.Range(first, behind - first))));
        }
        int kept = Math.Max(1, _parts.Count);
        // One image of a small part may be more than the share of the whole that may be skipped.
        _evaluator = new Evaluator(model, options with { MaxUndecodableShare = 1, CacheBytes = options.CacheBytes / kept }, logger) { KeptSets = kept };
    }

    /// <summary>Measures; all ranks get the result.</summary>
    /// <exception cref="OperationCanceledException">A rank was asked to stop.</exception>
    /// <exception cref="DatasetException">No image, or too few, can be decoded.</exception>
    public EvaluationResult Evaluate(IEvaluationView view, IProgress<int>? progress, CancellationToken cancellation)
    {
        long start = Stopwatch.GetTimestamp();
        var own = new List<SamplePrediction>();
        bool stopped = false;
        try
        {
            foreach ((int first, ImageDataset images) in _parts)
            {
                own.AddRange(_evaluator.Predict(images, view, null, cancellation).Select(prediction => prediction with { Sample = prediction.Sample + first }));
                progress?.Report(Math.Min(_data.Count, own.Count * _ranks.Size));
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            stopped = true;
        }

        const int Stopped = -1;
        Span<int> counts = new int[_ranks.Size];
        _ranks.AllGather(MemoryMarshal.AsBytes([stopped ? Stopped : own.Count]), MemoryMarshal.AsBytes(counts));
        if (counts.Contains(Stopped)) throw new OperationCanceledException(cancellation);
        int most = 0, all = 0;
        foreach (int count in counts) (most, all) = (Math.Max(most, count), all + count);
        var mine = new SamplePrediction[most];
        own.CopyTo(mine);
        var gathered = new SamplePrediction[most * _ranks.Size];
        _ranks.AllGather(MemoryMarshal.AsBytes(mine.AsSpan()), MemoryMarshal.AsBytes(gathered.AsSpan()));
        var predictions = new List<SamplePrediction>(all);
        for (int rank = 0; rank < _ranks.Size; rank++) predictions.AddRange(gathered.AsSpan(rank * most, counts[rank]));

        HashSet<int> seen = [.. predictions.Select(prediction => prediction.Sample)];
        string[] missing = [.. Enumerable.Range(0, _data.Count).Where(sample => !seen.Contains(sample)).Select(sample => _data.Samples[sample].Name)];
        if (missing.Length > _maxUndecodable * _data.Count)
            throw new UndecodableImagesException(_data.Name, missing.Length, _data.Count, _maxUndecodable, missing[0], "no image in a known format");
        return _evaluator.Result(view, _data, predictions, missing, Stopwatch.GetElapsedTime(start).TotalSeconds);
    }

    public void Dispose() => _evaluator.Dispose();
}
