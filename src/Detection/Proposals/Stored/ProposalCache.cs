using Microsoft.Extensions.Logging;

namespace IlgpuSpp.Detection;

/// <summary>
/// Keeps the windows of a method that searches pixels in a folder. A file's name is the SHA-256 of the method's fingerprint and the image's pixels, so that
/// renamed images are found again and changed ones are not. Files carry a checksum; damaged ones are computed again. Over its
/// bound the cache drops what was used least recently. A folder that cannot be written costs time, not results: it is logged as
/// a warning. Thread-safe, also for several processes on one folder.
/// </summary>
public sealed class ProposalCache : IProposalMethod
{
    private readonly IProposalMethod _method;
    private readonly CacheFolder _folder;
    private long _hits, _misses;

    /// <summary>Opens a cache; the folder is made where it is missing.</summary>
    /// <param name="method">Computes what the cache lacks.</param>
    /// <param name="folder">The folder.</param>
    /// <param name="maximumBytes">Bound of all files together, above 0. A file with 2000 windows has 16 KB.</param>
    /// <param name="logger">Is warned of damaged files and of a folder that cannot be written.</param>
    /// <exception cref="ArgumentOutOfRangeException">The bound is not above 0.</exception>
    /// <exception cref="IOException">The folder cannot be made.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder may not be made or read.</exception>
    public ProposalCache(IProposalMethod method, string folder, long maximumBytes = 1L << 30, ILogger? logger = null)
    {
        ArgumentNullException.ThrowIfNull(method);
        _method = method;
        _folder = new CacheFolder(folder, ".proposals", "windows", maximumBytes, givesWay: false, logger);
    }

    /// <inheritdoc/>
    public string Name => _method.Name;

    /// <inheritdoc/>
    public string Fingerprint => _method.Fingerprint;

    /// <inheritdoc/>
    public void Check(IReadOnlyList<string> files) => _method.Check(files);

    /// <summary>Bound of all files together in bytes.</summary>
    public long MaximumBytes => _folder.MaximumBytes;

    /// <summary>Images whose windows came from the folder since the cache was opened.</summary>
    public long Hits => Interlocked.Read(ref _hits);

    /// <summary>Images whose windows were computed since the cache was opened.</summary>
    public long Misses => Interlocked.Read(ref _misses);

    /// <inheritdoc/>
    public IReadOnlyList<PixelBox> Propose(RgbImage image, string file = "")
    {
        ArgumentNullException.ThrowIfNull(image);
        string path = _folder.PathOf(Fingerprint, image);
        if (_folder.Read(path, file => ProposalFile.Read(file)) is { } kept)
        {
            Interlocked.Increment(ref _hits);
            return kept;
        }
        Interlocked.Increment(ref _misses);
        IReadOnlyList<PixelBox> boxes = _method.Propose(image, file);
        _folder.Write(path, ProposalFile.Write(boxes));
        return boxes;
    }
}
