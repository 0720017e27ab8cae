using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace IlgpuSpp.Data;

/// <summary>
/// The images of a data set, decoded and resized so that their smaller side has one length, and kept in memory up to a
/// number of bytes, so that the epochs after the first need not decode. What does not fit is decoded anew each time; the
/// pixels are the same either way. Images that cannot be decoded are logged once and remembered. Thread-safe.
/// </summary>
internal sealed class PreparedImages
{
    private const int BytesBesidePixels = 64;

    private readonly InputPreparation _preparation;
    private readonly RgbImage?[] _kept;
    private readonly ConcurrentDictionary<int, ImageFailure> _failures = new();
    private readonly ConcurrentDictionary<int, bool> _warned = new();
    private readonly ILogger _logger;
    private readonly long _capacity;
    private long _bytes;

    /// <summary>Creates the store; nothing is decoded yet.</summary>
    /// <param name="dataset">The data set.</param>
    /// <param name="preparation">Says the smaller side's length and the resize filter.</param>
    /// <param name="cacheBytes">Most bytes to keep, 0 for none.</param>
    /// <param name="logger">Is warned of images that cannot be decoded or were damaged but could be read, once each.</param>
    public PreparedImages(ImageDataset dataset, InputPreparation preparation, long cacheBytes = 512L << 20, ILogger? logger = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(cacheBytes);
        preparation.Check();
        Dataset = dataset;
        _preparation = preparation;
        _capacity = cacheBytes;
        _logger = logger ?? NullLogger.Instance;
        _kept = new RgbImage?[dataset.Count];
    }

    /// <summary>The data set.</summary>
    public ImageDataset Dataset { get; }

    /// <summary>How the images are prepared.</summary>
    public InputPreparation Preparation => _preparation;

    /// <summary>Number of samples.</summary>
    public int Count => _kept.Length;

    /// <summary>Bytes of the images kept.</summary>
    public long CachedBytes => Interlocked.Read(ref _bytes);

    /// <summary>Number of images that turned out undecodable.</summary>
    public int FailureCount => _failures.Count;

    /// <summary>The images that turned out undecodable, by number.</summary>
    public IReadOnlyList<ImageFailure> Failures => [.. _failures.Values.OrderBy(f => f.Index)];

    /// <summary>The prepared image of a sample.</summary>
    /// <param name="index">The sample.</param>
    /// <returns>The image, or <see langword="null"/> where it cannot be decoded. Shared: not to be written to.</returns>
    public RgbImage? Find(int index)
    {
        if (Volatile.Read(ref _kept[index]) is { } kept) return kept;
        if (_failures.ContainsKey(index)) return null;
        try
        {
            RgbImage image = Dataset.Load(index, _preparation);
            if (image.Warning is { } warning && _warned.TryAdd(index, true)) _logger.LogWarning("{Image}: {Warning}", Dataset.Samples[index].Name, warning);
            RgbImage prepared = _preparation.ResizeMinSide(image);
            Keep(index, prepared);
            return prepared;
        }
        catch (Exception e) when (e is DataFormatException or IOException or UnauthorizedAccessException)
        {
            string name = Dataset.Samples[index].Name;
            string reason = e is DataFormatException format ? format.Reason : e.Message;
            if (_failures.TryAdd(index, new ImageFailure(index, name, reason)))
                _logger.LogWarning("{Image} is skipped: {Reason}", name, reason);
            return null;
        }
    }

    /// <summary>Refuses to go on when too many images have turned out undecodable.</summary>
    /// <param name="limit">The largest share that may fail, 0 to 1.</param>
    /// <exception cref="UndecodableImagesException">More than that failed.</exception>
    public void CheckFailures(double limit)
    {
        if (_failures.IsEmpty || _failures.Count <= limit * Count && _failures.Count < Count) return;
        IReadOnlyList<ImageFailure> failures = Failures;
        throw new UndecodableImagesException(Dataset.Name, failures.Count, Count, limit, failures[0].Name, failures[0].Reason);
    }

    // The first images to come stay: an epoch reads all in turn, so anything that evicts would evict what comes next.
    private void Keep(int index, RgbImage image)
    {
        long size = image.Pixels.Length + BytesBesidePixels;
        if (Interlocked.Add(ref _bytes, size) > _capacity || Interlocked.CompareExchange(ref _kept[index], image, null) is not null)
            Interlocked.Add(ref _bytes, -size);
    }
}

/// <summary>An image of a data set that cannot be decoded.</summary>
/// <param name="Index">The sample's number in the data set.</param>
/// <param name="Name">The sample's name.</param>
/// <param name="Reason">Why it cannot be decoded, in one line.</param>
internal sealed record ImageFailure(int Index, string Name, string Reason);
