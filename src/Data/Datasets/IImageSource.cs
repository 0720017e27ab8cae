using IlgpuSpp.Data.Imaging;

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
}
