using System.Security.Cryptography;
using System.Text;
using IlgpuSpp.Data.Imaging;
using IlgpuSpp.Engine;
using IlgpuSpp.Layers;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace IlgpuSpp.Detection;

/// <summary>
/// Keeps the windows of a method that searches pixels in a folder. A file's name is the SHA-256 of the method's fingerprint and the image's pixels, so that
/// renamed images are found again and changed ones are not. Files carry a checksum; damaged ones are computed again. Over its
/// bound the cache drops what was used least recently. A folder that cannot be written costs time, not results: it is logged as
/// a warning. Thread-safe, also for several processes on one folder.
/// </summary>
public sealed class ProposalCache : IProposalMethod
{
    private const string Extension = ".proposals";
    private readonly IProposalMethod _method;
    private readonly string _folder;
    private readonly ILogger _logger;
    private readonly Lock _bound = new();
    private long _bytes, _hits, _misses;

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
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maximumBytes);
        _method = method;
        _folder = folder;
        _logger = logger ?? NullLogger.Instance;
        MaximumBytes = maximumBytes;
        Directory.CreateDirectory(folder);
        _bytes = Files().Sum(file => file.Length);
    }

    /// <inheritdoc/>
    public string Name => _method.Name;

    /// <inheritdoc/>
    public string Fingerprint => _method.Fingerprint;

    /// <inheritdoc/>
    public void Check(IReadOnlyList<string> files) => _method.Check(files);

    /// <summary>Bound of all files together in bytes.</summary>
    public long MaximumBytes { get; }

    /// <summary>Images whose windows came from the folder since the cache was opened.</summary>
    public long Hits => Interlocked.Read(ref _hits);

    /// <summary>Images whose windows were computed since the cache was opened.</summary>
    public long Misses => Interlocked.Read(ref _misses);

    /// <inheritdoc/>
    public IReadOnlyList<PixelBox> Propose(RgbImage image, string file = "")
    {
        ArgumentNullException.ThrowIfNull(image);
        string path = Path.Combine(_folder, Key(image) + Extension);
        if (TryRead(path) is { } kept)
        {
            Interlocked.Increment(ref _hits);
            return kept;
        }
        Interlocked.Increment(ref _misses);
        IReadOnlyList<PixelBox> boxes = _method.Propose(image, file);
        TryWrite(path, boxes);
        return boxes;
    }

    private string Key(RgbImage image)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(FormattableString.Invariant($"{_method.Fingerprint}\n{image.Width}x{image.Height}\n")));
        hash.AppendData(image.Pixels);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private PixelBox[]? TryRead(string path)
    {
        try
        {
            if (!File.Exists(path)) return null;
            PixelBox[]? boxes = ProposalFile.Read(File.ReadAllBytes(path));
            if (boxes is null)
            {
                _logger.LogWarning("{Path}: is damaged; its windows are computed again.", path);
                return null;
            }
            File.SetLastWriteTimeUtc(path, DateTime.UtcNow);
            return boxes;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _logger.LogWarning("{Path}: cannot be read ({Reason}); its windows are computed again.", path, e.Message);
            return null;
        }
    }

    private void TryWrite(string path, IReadOnlyList<PixelBox> boxes)
    {
        byte[] bytes = ProposalFile.Write(boxes);
        if (bytes.Length > MaximumBytes) return;
        try
        {
            lock (_bound)
            {
                var old = new FileInfo(path);
                if (old.Exists) Drop(old);
                if (_bytes + bytes.Length > MaximumBytes) DropOldest(MaximumBytes - bytes.Length);
                AtomicFile.Write(path, stream => stream.Write(bytes));
                _bytes += bytes.Length;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _logger.LogWarning("{Path}: cannot be written ({Reason}); the windows of this image will be computed again next time.", path, e.Message);
        }
    }

    // Drops a tenth more than needed, so that a full cache does not list its folder for every image.
    private void DropOldest(long room)
    {
        FileInfo[] files = [.. Files().OrderBy(file => file.LastWriteTimeUtc).ThenBy(file => file.Name, StringComparer.Ordinal)];
        _bytes = files.Sum(file => file.Length);
        if (_bytes <= room) return;
        long goal = room - MaximumBytes / 10;
        foreach (FileInfo file in files)
        {
            if (_bytes <= goal) break;
            Drop(file);
        }
    }

    private void Drop(FileInfo file)
    {
        // Asked before: a deleted file has no length any more.
        long length = file.Length;
        file.Delete();
        _bytes -= length;
    }

    private FileInfo[] Files() => new DirectoryInfo(_folder).GetFiles("*" + Extension);
}
