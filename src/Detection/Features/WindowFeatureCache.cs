using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using IlgpuSpp.Data.Imaging;
using IlgpuSpp.Layers;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace IlgpuSpp.Detection;

/// <summary>
/// Keeps the features of single windows in a folder, one file an image, which grows by a block with every visit to the image. A file is named after the hash of the
/// image's pixels and of everything that made the features (<see cref="WindowFeatures.Fingerprint"/>) and carries that hash; every block has a checksum, and
/// what follows a damaged one is computed again. A full cache takes nothing more: training goes through its images in turn, so that dropping the oldest would drop what comes
/// next. A folder that cannot be written costs time, not results; on a full disk the cache gives its room back to what cannot be computed again.
/// </summary>
internal sealed class WindowFeatureCache
{
    private const string Extension = ".windows";

    private readonly string _folder, _fingerprint;
    private readonly ILogger _logger;
    private long _bytes;
    private bool _full;

    /// <summary>Opens a cache; the folder is made where it is missing.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="fingerprint">What <see cref="WindowFeatures.Fingerprint"/> gave.</param>
    /// <param name="maximumBytes">Bound of all files together.</param>
    /// <param name="logger">Is warned of damaged files and of a folder that is full or cannot be written.</param>
    /// <exception cref="IOException">The folder cannot be made.</exception>
    public WindowFeatureCache(string folder, string fingerprint, long maximumBytes = 4L << 30, ILogger? logger = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maximumBytes);
        (_folder, _fingerprint, MaximumBytes, _logger) = (folder, fingerprint, maximumBytes, logger ?? NullLogger.Instance);
        Directory.CreateDirectory(folder);
        _bytes = new DirectoryInfo(folder).EnumerateFiles("*" + Extension).Sum(file => file.Length);
    }

    /// <summary>Bound of all files together in bytes.</summary>
    public long MaximumBytes { get; }

    /// <summary>Opens the windows of an image; what is added to them is written when they are disposed.</summary>
    /// <param name="image">The image.</param>
    /// <param name="length">Values of a window.</param>
    internal StoredWindows Open(RgbImage image, int length)
    {
        byte[] head = SHA256.HashData(Encoding.UTF8.GetBytes(_fingerprint));
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(head);
        hash.AppendData(Encoding.UTF8.GetBytes(FormattableString.Invariant($"{image.Width}x{image.Height}")));
        hash.AppendData(image.Pixels);
        string path = Path.Combine(_folder, Convert.ToHexStringLower(hash.GetHashAndReset()) + Extension);
        byte[] file = [];
        try
        {
            if (File.Exists(path)) file = File.ReadAllBytes(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            _logger.LogWarning("{Path}: the windows' features cannot be read ({Reason}); they are computed again.", path, error.Message);
        }
        var windows = new StoredWindows(this, path, length, head, file);
        if (windows.WholeBytes < file.Length) _logger.LogWarning("{Path}: windows' features are damaged or of another model; they are computed again.", path);
        return windows;
    }

    /// <summary>Puts a block behind the whole ones of a file.</summary>
    internal void Append(string path, long wholeBytes, byte[] head, ReadOnlySpan<byte> block)
    {
        if (_full) return;
        long before = wholeBytes == 0 ? head.Length : wholeBytes;
        // A file is read into one array.
        if (before + block.Length > Array.MaxLength) return;
        try
        {
            using var stream = new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.None);
            long old = stream.Length;
            if (_bytes - old + before + block.Length > MaximumBytes)
            {
                _full = true;
                _logger.LogWarning("{Folder}: holds the windows' features that it may, {Bytes} bytes; those of other windows are computed again where they are needed.", _folder, MaximumBytes);
                return;
            }
            stream.SetLength(wholeBytes);
            if (wholeBytes == 0) stream.Write(head);
            stream.Seek(0, SeekOrigin.End);
            stream.Write(block);
            _bytes += before + block.Length - old;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            _full = true;
            _logger.LogWarning("{Folder}: windows' features cannot be kept ({Reason}); those here are removed to leave room for the run's own files, and all are computed where they are needed.", _folder, error.Message);
            CacheFolder.Clear(_folder, Extension, _logger);
        }
    }
}

/// <summary>The features of an image's windows that are known. Blocks are: number of windows, these as four corners and their values, the SHA-256 of all before it in the block.</summary>
internal sealed class StoredWindows : IDisposable
{
    private const int CountBytes = sizeof(int), BoxBytes = 4 * sizeof(double);

    private readonly WindowFeatureCache _cache;
    private readonly string _path;
    private readonly int _length;
    private readonly byte[] _head, _file;
    private readonly Dictionary<PixelBox, long> _places = [];
    private readonly List<(PixelBox Box, float[] Values)> _added = [];

    public StoredWindows(WindowFeatureCache cache, string path, int length, byte[] head, byte[] file)
    {
        (_cache, _path, _length, _head, _file) = (cache, path, length, head, file);
        if (file.Length < head.Length || !file.AsSpan(0, head.Length).SequenceEqual(head)) return;
        WholeBytes = head.Length;
        while (Block(WholeBytes) is { } end) WholeBytes = end;
    }

    /// <summary>Bytes at the front of the file that are sound.</summary>
    public int WholeBytes { get; }

    private int RecordBytes => BoxBytes + sizeof(float) * _length;

    public bool Contains(PixelBox box) => _places.ContainsKey(box);

    public void Read(PixelBox box, Span<float> values)
    {
        long place = _places[box];
        if (place < 0) _added[(int)~place].Values.CopyTo(values);
        else MemoryMarshal.Cast<byte, float>(_file.AsSpan((int)place, sizeof(float) * _length)).CopyTo(values);
    }

    public void Add(PixelBox box, ReadOnlySpan<float> values)
    {
        _places.Add(box, ~(long)_added.Count);
        _added.Add((box, values.ToArray()));
    }

    public void Dispose()
    {
        long bytes = CountBytes + (long)_added.Count * RecordBytes + SHA256.HashSizeInBytes;
        if (_added.Count == 0 || bytes > Array.MaxLength) return;
        var block = new byte[bytes];
        BitConverter.TryWriteBytes(block, _added.Count);
        Span<byte> at = block.AsSpan(CountBytes);
        foreach ((PixelBox box, float[] values) in _added)
        {
            MemoryMarshal.AsBytes<double>([box.Left, box.Top, box.Right, box.Bottom]).CopyTo(at);
            MemoryMarshal.AsBytes<float>(values).CopyTo(at[BoxBytes..]);
            at = at[RecordBytes..];
        }
        SHA256.HashData(block.AsSpan(0, block.Length - SHA256.HashSizeInBytes), at);
        _cache.Append(_path, WholeBytes, _head, block);
        _added.Clear();
    }

    // Where the block that begins here ends, or null where none does that is whole.
    private int? Block(int start)
    {
        if (_file.Length - start < CountBytes) return null;
        int count = BitConverter.ToInt32(_file, start);
        long content = CountBytes + (long)count * RecordBytes, end = start + content + SHA256.HashSizeInBytes;
        if (count < 1 || end > _file.Length) return null;
        if (!SHA256.HashData(_file.AsSpan(start, (int)content)).AsSpan().SequenceEqual(_file.AsSpan((int)(start + content), SHA256.HashSizeInBytes))) return null;
        for (int i = 0; i < count; i++)
        {
            int place = start + CountBytes + i * RecordBytes;
            ReadOnlySpan<double> corners = MemoryMarshal.Cast<byte, double>(_file.AsSpan(place, BoxBytes));
            _places[new PixelBox(corners[0], corners[1], corners[2], corners[3])] = place + BoxBytes;
        }
        return (int)end;
    }
}
