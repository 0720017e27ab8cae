using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;

namespace IlgpuSpp.Detection;

/// <summary>
/// Keeps the features of single windows in a folder, one file an image, which grows by a block with every visit to the image. A file is named after the hash of the
/// image's pixels and of everything that made the features (<see cref="WindowFeatures.Fingerprint"/>) and carries that hash; every block has a checksum, and
/// what follows a damaged one is computed again. A full cache takes nothing more: training goes through its images in turn, so that dropping the oldest would drop what comes
/// next. A folder that cannot be written costs time, not results; on a full disk the cache gives its room back to what cannot be computed again.
/// </summary>
/// <param name="folder">The folder.</param>
/// <param name="fingerprint">What <see cref="WindowFeatures.Fingerprint"/> gave.</param>
/// <param name="maximumBytes">Bound of all files together.</param>
/// <param name="logger">Is warned of damaged files and of a folder that is full or cannot be written.</param>
/// <exception cref="IOException">The folder cannot be made.</exception>
internal sealed class WindowFeatureCache(string folder, string fingerprint, long maximumBytes = 4L << 30, ILogger? logger = null)
{
    private readonly CacheFolder _folder = new(folder, ".windows", "windows' features", maximumBytes, givesWay: true, logger);
    private readonly string _fingerprint = fingerprint;

    /// <summary>Opens the windows of an image; what is added to them is written when they are disposed.</summary>
    /// <param name="image">The image.</param>
    /// <param name="length">Values of a window.</param>
    internal StoredWindows Open(RgbImage image, int length)
    {
        string path = _folder.PathOf(_fingerprint, image);
        byte[] file = _folder.Read(path, bytes => bytes) ?? [];
        var windows = new StoredWindows(_folder, path, length, SHA256.HashData(Encoding.UTF8.GetBytes(_fingerprint)), file);
        if (windows.WholeBytes < file.Length) _folder.WarnOfDamage(path);
        return windows;
    }
}

/// <summary>The features of an image's windows that are known. Blocks are: number of windows, these as four corners and their values, the SHA-256 of all before it in the block.</summary>
internal sealed class StoredWindows : IDisposable
{
    private const int CountBytes = sizeof(int), BoxBytes = 4 * sizeof(double);

    private readonly CacheFolder _folder;
    private readonly string _path;
    private readonly int _length;
    private readonly byte[] _head, _file;
    private readonly Dictionary<PixelBox, long> _places = [];
    private readonly List<(PixelBox Box, float[] Values)> _added = [];

    public StoredWindows(CacheFolder folder, string path, int length, byte[] head, byte[] file)
    {
        (_folder, _path, _length, _head, _file) = (folder, path, length, head, file);
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
        _folder.Append(_path, WholeBytes, _head, block);
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
