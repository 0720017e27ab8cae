using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;

namespace IlgpuSpp.Detection;

/// <summary>
/// Keeps the feature maps of images in a folder, one file an image. A file is named after the hash of the image's pixels and of everything that made the
/// maps (<see cref="WindowFeatures.Fingerprint"/>), carries that hash and a checksum: damaged files and those of another model are computed again. Over
/// its bound the cache drops what was used least recently. A folder that cannot be written costs time, not results;
/// on a full disk the cache gives its room back to what cannot be computed again.
/// </summary>
/// <param name="folder">The folder.</param>
/// <param name="fingerprint">What <see cref="WindowFeatures.Fingerprint"/> gave.</param>
/// <param name="maximumBytes">Bound of all files together.</param>
/// <param name="logger">Is warned of damaged files and of a folder that cannot be written.</param>
/// <exception cref="IOException">The folder cannot be made.</exception>
internal sealed class FeatureMapCache(string folder, string fingerprint, long maximumBytes = 4L << 30, ILogger? logger = null)
{
    private const int HeaderInts = 3;

    private readonly CacheFolder _folder = new(folder, ".maps", "feature maps", maximumBytes, givesWay: true, logger);
    private readonly string _fingerprint = fingerprint;

    /// <summary>Images found.</summary>
    public long Hits { get; private set; }

    /// <summary>Images not found.</summary>
    public long Misses { get; private set; }

    /// <summary>The maps of an image, or null where the cache has none that are whole.</summary>
    /// <param name="image">The image.</param>
    public IReadOnlyList<(Shape Shape, float[] Values)>? Read(RgbImage image)
    {
        List<(Shape, float[])>? maps = _folder.Read(_folder.PathOf(_fingerprint, image), Parse);
        if (maps is null) Misses++;
        else Hits++;
        return maps;
    }

    /// <summary>Keeps the maps of an image.</summary>
    /// <param name="image">The image.</param>
    /// <param name="maps">The maps, <c>[1, h, w, c]</c> each.</param>
    public void Write(RgbImage image, IReadOnlyList<(Shape Shape, float[] Values)> maps)
    {
        long length = 32 + 32 + 4 + maps.Sum(map => 4L * HeaderInts + 4L * map.Values.Length);
        if (_folder.Takes(length)) _folder.Write(_folder.PathOf(_fingerprint, image), Format(maps, (int)length));
    }

    private byte[] Format(IReadOnlyList<(Shape Shape, float[] Values)> maps, int length)
    {
        var file = new byte[length];
        Hash(_fingerprint).CopyTo(file, 32);
        Span<byte> at = file.AsSpan(64);
        BinaryPrimitives.WriteInt32LittleEndian(at, maps.Count);
        at = at[4..];
        foreach ((Shape shape, float[] values) in maps)
        {
            foreach (int extent in (ReadOnlySpan<int>)[shape.Height, shape.Width, shape.Channels])
            {
                BinaryPrimitives.WriteInt32LittleEndian(at, extent);
                at = at[4..];
            }
            MemoryMarshal.AsBytes<float>(values).CopyTo(at);
            at = at[(4 * values.Length)..];
        }
        SHA256.HashData(file.AsSpan(32), file);
        return file;
    }

    private List<(Shape, float[])>? Parse(byte[] file)
    {
        if (file.Length < 68 || !SHA256.HashData(file.AsSpan(32)).AsSpan().SequenceEqual(file.AsSpan(0, 32)) || !Hash(_fingerprint).AsSpan().SequenceEqual(file.AsSpan(32, 32))) return null;
        ReadOnlySpan<byte> at = file.AsSpan(64);
        int count = BinaryPrimitives.ReadInt32LittleEndian(at);
        at = at[4..];
        var maps = new List<(Shape, float[])>();
        for (int i = 0; i < count; i++)
        {
            var shape = new Shape(1, BinaryPrimitives.ReadInt32LittleEndian(at), BinaryPrimitives.ReadInt32LittleEndian(at[4..]), BinaryPrimitives.ReadInt32LittleEndian(at[8..]));
            at = at[(4 * HeaderInts)..];
            var values = new float[shape.Count];
            at[..(4 * values.Length)].CopyTo(MemoryMarshal.AsBytes(values.AsSpan()));
            at = at[(4 * values.Length)..];
            maps.Add((shape, values));
        }
        return maps;
    }

    private static byte[] Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}
