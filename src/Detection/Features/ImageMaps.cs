using IlgpuSpp.Engine;

namespace IlgpuSpp.Detection;

/// <summary>The feature maps of one image, one a scale, in the memory of a backend.</summary>
/// <param name="width">Width of the image in pixels.</param>
/// <param name="height">Height of the image in pixels.</param>
/// <param name="maps">A map <c>[1, h, w, c]</c> for each scale; belong to this object from now on.</param>
public sealed class ImageMaps(int width, int height, IReadOnlyList<Tensor> maps) : IDisposable
{
    /// <summary>Width of the image in pixels.</summary>
    public int Width { get; } = width;

    /// <summary>Height of the image in pixels.</summary>
    public int Height { get; } = height;

    /// <summary>A map <c>[1, h, w, c]</c> for each scale.</summary>
    public IReadOnlyList<Tensor> Maps { get; } = maps;

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Tensor map in Maps) map.Dispose();
    }
}
