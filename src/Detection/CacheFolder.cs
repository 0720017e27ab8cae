using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace IlgpuSpp.Detection;

/// <summary>
/// A bounded folder of what can be computed again, one file an image. A file's name is the SHA-256 of the image's pixels and of the fingerprint of all else
/// that made its content, so that renamed images are found again and changed ones are not. A folder that cannot be read or written costs time, not results:
/// it is logged as a warning. Thread-safe, also for several processes on one folder.
/// </summary>
internal sealed class CacheFolder
{
    private readonly string _folder, _extension, _content;
    private readonly bool _givesWay;
    private readonly ILogger _logger;
    private readonly Lock _bound = new();
    private long _bytes;
    private volatile bool _closed;

    /// <summary>Opens a cache; the folder is made where it is missing.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="extension">Ending of the cache's files; others in the folder are left alone.</param>
    /// <param name="content">What a file holds, in the plural, for warnings.</param>
    /// <param name="maximumBytes">Bound of all files together, above 0.</param>
    /// <param name="givesWay">On a disk that takes no more, removes its files and keeps none from then on: the room is for what cannot be computed again.</param>
    /// <param name="logger">Is warned of damaged files and of a folder that cannot be written.</param>
    /// <exception cref="ArgumentOutOfRangeException">The bound is not above 0.</exception>
    /// <exception cref="IOException">The folder cannot be made.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder may not be made or read.</exception>
    public CacheFolder(string folder, string extension, string content, long maximumBytes, bool givesWay, ILogger? logger)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maximumBytes);
        (_folder, _extension, _content, _givesWay, _logger) = (folder, extension, content, givesWay, logger ?? NullLogger.Instance);
        MaximumBytes = maximumBytes;
        Directory.CreateDirectory(folder);
        _bytes = Files().Sum(file => file.Length);
    }

    /// <summary>Bound of all files together in bytes.</summary>
    public long MaximumBytes { get; }

    /// <summary>The file of an image.</summary>
    /// <param name="fingerprint">Of all but the image that makes the content.</param>
    /// <param name="image">The image.</param>
    public string PathOf(string fingerprint, RgbImage image)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(FormattableString.Invariant($"{fingerprint}\n{image.Width}x{image.Height}\n")));
        hash.AppendData(image.Pixels);
        return PathOf(Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

    /// <summary>The file of a name.</summary>
    public string PathOf(string name) => Path.Combine(_folder, name + _extension);

    /// <summary>What a file holds, or null where there is none that is whole.</summary>
    /// <param name="path">The file.</param>
    /// <param name="parse">Gives null for a damaged file.</param>
    public T? Read<T>(string path, Func<byte[], T?> parse)
        where T : class
    {
        try
        {
            if (!File.Exists(path)) return null;
            if (parse(File.ReadAllBytes(path)) is { } content)
            {
                // Where nothing may be written, what is there serves still.
                if (!_closed) File.SetLastWriteTimeUtc(path, DateTime.UtcNow);
                return content;
            }
            WarnOfDamage(path);
        }
        catch (FileNotFoundException)
        {
            // Another process dropped it in between.
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            _logger.LogWarning("{Path}: the {Content} cannot be read ({Reason}); they are computed again.", path, _content, error.Message);
        }
        return null;
    }

    /// <summary>Says that a file is not, or not whole, what it should be.</summary>
    public void WarnOfDamage(string path) => _logger.LogWarning("{Path}: the {Content} are damaged or of another origin; they are computed again.", path, _content);

    /// <summary>Whether a file of this length would be kept.</summary>
    public bool Takes(long length) => !_closed && length <= MaximumBytes && length <= Array.MaxLength;

    /// <summary>Keeps a file, whole or not at all, in place of those used least recently where the bound asks for it.</summary>
    public void Write(string path, byte[] file)
    {
        if (!Takes(file.Length)) return;
        try
        {
            lock (_bound)
            {
                var old = new FileInfo(path);
                if (old.Exists) Drop(old);
                if (_bytes + file.Length > MaximumBytes) DropOldest(MaximumBytes - file.Length);
                AtomicFile.Write(path, stream => stream.Write(file), durable: false);
                _bytes += file.Length;
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            Fail(error);
        }
    }

    /// <summary>
    /// Puts a block behind the whole ones of a file. Over its bound the folder takes nothing more: who appends goes through the images in turn, so that dropping
    /// the oldest would drop what comes next.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="wholeBytes">Bytes at its front that are sound; the rest goes.</param>
    /// <param name="head">What a new file begins with.</param>
    /// <param name="block">The block.</param>
    public void Append(string path, long wholeBytes, byte[] head, ReadOnlySpan<byte> block)
    {
        long before = wholeBytes == 0 ? head.Length : wholeBytes;
        // A file is read into one array.
        if (_closed || before + block.Length > Array.MaxLength) return;
        try
        {
            lock (_bound)
            {
                using var stream = new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.None);
                long old = stream.Length;
                if (_bytes - old + before + block.Length > MaximumBytes)
                {
                    _closed = true;
                    _logger.LogWarning("{Folder}: holds the {Content} that it may, {Bytes} bytes; others are computed again where they are needed.", _folder, _content, MaximumBytes);
                    return;
                }
                stream.SetLength(wholeBytes);
                if (wholeBytes == 0) stream.Write(head);
                stream.Seek(0, SeekOrigin.End);
                stream.Write(block);
                _bytes += before + block.Length - old;
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            Fail(error);
        }
    }

    private void Fail(Exception error)
    {
        _closed = true;
        if (!_givesWay)
        {
            _logger.LogWarning("{Folder}: {Content} cannot be kept ({Reason}); they will be computed again next time.", _folder, _content, error.Message);
            return;
        }
        _logger.LogWarning("{Folder}: {Content} cannot be kept ({Reason}); those here are removed to leave room for the run's own files, and all are computed where they are needed.",
            _folder, _content, error.Message);
        try
        {
            foreach (FileInfo file in Files()) file.Delete();
        }
        catch (Exception second) when (second is IOException or UnauthorizedAccessException)
        {
            _logger.LogWarning("{Folder}: the files of the cache cannot be removed ({Reason}).", _folder, second.Message);
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

    private FileInfo[] Files() => new DirectoryInfo(_folder).GetFiles("*" + _extension);
}
