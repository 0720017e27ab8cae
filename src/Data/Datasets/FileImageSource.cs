using IlgpuSpp.Data.Imaging;

namespace IlgpuSpp.Data;

/// <summary>Images in files, decoded by content whatever their names end in.</summary>
/// <param name="root">The folder that names are relative to.</param>
/// <param name="names">Paths relative to <paramref name="root"/> with '/' between their parts, or absolute paths.</param>
/// <param name="limits">The largest image accepted; the decoder's own limits where <see langword="null"/>.</param>
public sealed class FileImageSource(string root, IReadOnlyList<string> names, ImageLimits? limits = null) : IImageSource
{
    /// <summary>The folder that names are relative to.</summary>
    public string Root { get; } = root;

    /// <inheritdoc/>
    public int Count => names.Count;

    /// <inheritdoc/>
    public string NameOf(int index) => names[index];

    /// <summary>The file of an image.</summary>
    /// <param name="index">The image, from 0 to <see cref="Count"/> − 1.</param>
    public string PathOf(int index) => Path.Combine(Root, names[index]);

    /// <inheritdoc/>
    public RgbImage Load(int index) => ImageDecoder.DecodeFile(PathOf(index), limits);
}
