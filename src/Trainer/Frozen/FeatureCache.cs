using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;

namespace IlgpuSpp.Training;

/// <summary>
/// Keeps what the frozen layers of a network give of images in a folder that runs share, one file an image and view, named by the SHA-256 of all that made it:
/// the layers with their weights, the device, the image's bytes, the view. Files carry a checksum; damaged ones are computed again. Over its bound the cache drops what was used
/// least recently. A folder that cannot be read or written costs time, not results: it is told once, as a warning. Thread-safe, also for several processes on one folder.
/// </summary>
public sealed class FeatureCache
{
    /// <summary>Ending of the files.</summary>
    public const string Extension = ".features";

    private readonly Lazy<CacheFolder?> _folder;

    /// <summary>Creates a cache; the folder is made when it is first asked for something.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="maximumBytes">Bound of all files together, above 0.</param>
    /// <param name="logger">Is warned of damaged files and of a folder that cannot be used.</param>
    /// <exception cref="ArgumentOutOfRangeException">The bound is not above 0.</exception>
    public FeatureCache(string folder, long maximumBytes = 4L << 30, ILogger? logger = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maximumBytes);
        _folder = new Lazy<CacheFolder?>(() =>
        {
            try
            {
                return new CacheFolder(folder, Extension, "features of frozen layers", maximumBytes, givesWay: false, logger);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                logger?.LogWarning("{Folder}: features of frozen layers cannot be kept there ({Reason}); they are computed anew.", folder, error.Message);
                return null;
            }
        });
    }

    /// <summary>What was kept under a name, or null.</summary>
    /// <param name="key">SHA-256 of all that makes the values.</param>
    internal float[]? Read(byte[] key) => _folder.Value?.Read(PathOf(key), file =>
    {
        Span<byte> values = file.AsSpan(Math.Min(file.Length, SHA256.HashSizeInBytes));
        return values.Length % sizeof(float) == 0 && Checksum(key, values).AsSpan().SequenceEqual(file.AsSpan(0, file.Length - values.Length)) ? MemoryMarshal.Cast<byte, float>(values).ToArray() : null;
    });

    /// <summary>Keeps values under a name.</summary>
    internal void Write(byte[] key, ReadOnlySpan<float> values)
    {
        ReadOnlySpan<byte> bytes = MemoryMarshal.AsBytes(values);
        _folder.Value?.Write(PathOf(key), [.. Checksum(key, bytes), .. bytes]);
    }

    private string PathOf(byte[] key) => _folder.Value!.PathOf(Convert.ToHexStringLower(key));

    // With the name, so that a file under another's name is noticed.
    private static byte[] Checksum(byte[] key, ReadOnlySpan<byte> values)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(key);
        hash.AppendData(values);
        return hash.GetHashAndReset();
    }
}
