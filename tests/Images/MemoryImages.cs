using IlgpuSpp.Data.Imaging;

namespace IlgpuSpp.Data;

/// <summary>Images held in memory.</summary>
internal sealed class MemoryImages(IReadOnlyList<RgbImage> images) : IImageSource
{
    public int Count => images.Count;

    public string NameOf(int index) => FormattableString.Invariant($"image-{index:D6}");

    public RgbImage Load(int index) => images[index];
}
