namespace IlgpuSpp.Data;

/// <summary>The five places of a crop in the whole image (the paper, section 3.1).</summary>
public enum CropPosition
{
    /// <summary>The middle.</summary>
    Centre,

    /// <summary>The upper left corner.</summary>
    TopLeft,

    /// <summary>The upper right corner.</summary>
    TopRight,

    /// <summary>The lower left corner.</summary>
    BottomLeft,

    /// <summary>The lower right corner.</summary>
    BottomRight,
}

/// <summary>Where crops lie.</summary>
public static class CropWindows
{
    /// <summary>Number of <see cref="CropPosition"/>s.</summary>
    public const int Positions = 5;

    /// <summary>A square window at one of the five positions of the whole image. The centre is rounded up and left: ⌊(W − crop)/2⌋.</summary>
    /// <param name="width">Width of the image, at least <paramref name="crop"/>.</param>
    /// <param name="height">Height of the image, at least <paramref name="crop"/>.</param>
    /// <param name="crop">Side of the window in pixels.</param>
    /// <param name="position">The position.</param>
    /// <exception cref="ArgumentException">The window does not fit.</exception>
    internal static PixelRegion At(int width, int height, int crop, CropPosition position)
    {
        CheckFits(width, height, crop);
        (int x, int y) = position switch
        {
            CropPosition.Centre => ((width - crop) / 2, (height - crop) / 2),
            CropPosition.TopLeft => (0, 0),
            CropPosition.TopRight => (width - crop, 0),
            CropPosition.BottomLeft => (0, height - crop),
            CropPosition.BottomRight => (width - crop, height - crop),
            _ => throw new ArgumentOutOfRangeException(nameof(position)),
        };
        return new PixelRegion(x, y, crop, crop);
    }

    internal static void CheckFits(int width, int height, int crop)
    {
        if (crop < 1 || crop > width || crop > height)
            throw new ArgumentException($"A crop of {crop}x{crop} does not fit into an image of {width}x{height}; resize its smaller side to at least {crop} first.");
    }
}

/// <summary>One fixed view for evaluation: a crop at one of the five positions, flipped or not. Ten of them make the paper's 10-view test.</summary>
/// <param name="preparation">Crop size, resize filter and normalisation.</param>
/// <param name="position">Where the crop lies.</param>
/// <param name="flip">Whether it is mirrored left to right.</param>
internal sealed class CropView(InputPreparation preparation, CropPosition position = CropPosition.Centre, bool flip = false) : ISampleTransform
{
    /// <inheritdoc/>
    public void Render(RgbImage prepared, RandomKey key, int size, Span<float> destination) =>
        preparation.WriteCrop(prepared, position, flip, size, destination);

    /// <summary>The ten views of the paper's test: five positions, each plain and mirrored.</summary>
    /// <param name="preparation">Crop size, resize filter and normalisation.</param>
    public static IReadOnlyList<CropView> Ten(InputPreparation preparation) =>
        [.. Enum.GetValues<CropPosition>().SelectMany(p => (CropView[])[new(preparation, p), new(preparation, p, flip: true)])];
}
