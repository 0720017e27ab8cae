using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace IlgpuSpp.Data;

/// <summary>
/// Where the images of a data set come from: files, memory, or a generator. Implementations are thread-safe and give
/// the same image for the same index every time.
/// </summary>
public interface IImageSource
{
    /// <summary>Number of images.</summary>
    int Count { get; }

    /// <summary>A name for an image, unique in the source and the same on every machine: a path relative to the data set with '/' between its parts, or a generated name.</summary>
    /// <param name="index">The image, from 0 to <see cref="Count"/> − 1.</param>
    string NameOf(int index);

    /// <summary>Reads or draws an image.</summary>
    /// <param name="index">The image, from 0 to <see cref="Count"/> − 1.</param>
    /// <exception cref="DataFormatException">The image cannot be decoded.</exception>
    /// <exception cref="IOException">The image cannot be read.</exception>
    RgbImage Load(int index);

    /// <summary>Reads or draws an image that will be made smaller: it may come at a part of its size, as long as no side is below one length.</summary>
    /// <param name="index">The image, from 0 to <see cref="Count"/> − 1.</param>
    /// <param name="leastSide">The length in pixels; 0 for the whole image.</param>
    /// <exception cref="DataFormatException">The image cannot be decoded.</exception>
    /// <exception cref="IOException">The image cannot be read.</exception>
    RgbImage LoadReduced(int index, int leastSide) => Load(index);
}

/// <summary>Images in files, decoded by content whatever their names end in. Files may lie in <c>.zip</c> and <c>.tar</c> archives, which are folders to it and stay open as long as it lives.</summary>
public sealed class FileImageSource : IImageSource
{
    private readonly ConcurrentDictionary<int, bool> _warned = new();
    private readonly DataFiles _files;
    private readonly IReadOnlyList<string> _names;
    private readonly ImageLimits? _limits;
    private readonly ILogger? _logger;

    /// <summary>Creates a source.</summary>
    /// <param name="root">The folder that names are relative to.</param>
    /// <param name="names">Paths relative to <paramref name="root"/> with '/' between their parts, or absolute paths.</param>
    /// <param name="limits">The largest image accepted; the decoder's own limits where <see langword="null"/>.</param>
    /// <param name="logger">Is told, once an image, where a damaged file could be read; nobody where <see langword="null"/>.</param>
    public FileImageSource(string root, IReadOnlyList<string> names, ImageLimits? limits = null, ILogger? logger = null)
        : this(new DataFiles(logger), root, names, limits, logger)
    {
    }

    internal FileImageSource(DataFiles files, string root, IReadOnlyList<string> names, ImageLimits? limits = null, ILogger? logger = null) =>
        (_files, Root, _names, _limits, _logger) = (files, root, names, limits, logger);

    /// <summary>The folder that names are relative to.</summary>
    public string Root { get; }

    /// <inheritdoc/>
    public int Count => _names.Count;

    /// <inheritdoc/>
    public string NameOf(int index) => _names[index];

    /// <summary>The file of an image; in an archive its path goes on behind that of the archive.</summary>
    /// <param name="index">The image, from 0 to <see cref="Count"/> − 1.</param>
    public string PathOf(int index) => Path.Combine(Root, _names[index]);

    /// <summary>Opens the file of an image.</summary>
    /// <param name="index">The image, from 0 to <see cref="Count"/> − 1.</param>
    internal Stream Open(int index) => _files.Open(PathOf(index));

    /// <inheritdoc/>
    public RgbImage Load(int index) => LoadReduced(index, 0);

    /// <inheritdoc/>
    public RgbImage LoadReduced(int index, int leastSide)
    {
        RgbImage image = _files.Decode(PathOf(index), _limits, leastSide);
        if (image.Warning is { } warning && _logger is not null && _warned.TryAdd(index, true)) _logger.LogWarning("{Image}: {Warning}", _names[index], warning);
        return image;
    }
}
