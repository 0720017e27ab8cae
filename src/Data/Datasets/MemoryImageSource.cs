using IlgpuSpp.Data.Imaging;

namespace IlgpuSpp.Data;

/// <summary>Images held in memory.</summary>
/// <param name="images">The images; used, not copied.</param>
public sealed class MemoryImageSource(IReadOnlyList<RgbImage> images) : IImageSource
{
    /// <inheritdoc/>
    public int Count => images.Count;

    /// <inheritdoc/>
    public string NameOf(int index) => FormattableString.Invariant($"image-{index:D6}");

    /// <inheritdoc/>
    public RgbImage Load(int index) => images[index];
}
