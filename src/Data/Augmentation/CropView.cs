using IlgpuSpp.Data.Imaging;
using IlgpuSpp.Engine;

namespace IlgpuSpp.Data;

/// <summary>One fixed view for evaluation: a crop at one of the five positions, flipped or not. Ten of them make the paper's 10-view test.</summary>
/// <param name="preparation">Crop size, resize filter and normalisation.</param>
/// <param name="position">Where the crop lies.</param>
/// <param name="flip">Whether it is mirrored left to right.</param>
public sealed class CropView(InputPreparation preparation, CropPosition position = CropPosition.Centre, bool flip = false) : ISampleTransform
{
    /// <inheritdoc/>
    public void Render(RgbImage prepared, RandomKey key, int size, Span<float> destination) =>
        preparation.WriteCrop(prepared, position, flip, size, destination);

    /// <summary>The ten views of the paper's test: five positions, each plain and mirrored.</summary>
    /// <param name="preparation">Crop size, resize filter and normalisation.</param>
    public static IReadOnlyList<CropView> Ten(InputPreparation preparation) =>
        [.. Enum.GetValues<CropPosition>().SelectMany(p => (CropView[])[new(preparation, p), new(preparation, p, flip: true)])];
}
