namespace IlgpuSpp.Data.Imaging;

/// <summary>The largest image a decoder accepts. Checked against the header, before any memory is taken.</summary>
public sealed record ImageLimits
{
    /// <summary>The limits used where none are given.</summary>
    public static ImageLimits Default { get; } = new();

    /// <summary>The largest width or height in pixels.</summary>
    public int MaxSide { get; init; } = 32768;

    /// <summary>The largest number of pixels, width times height.</summary>
    public long MaxPixels { get; init; } = 200_000_000;

    /// <summary>Refuses dimensions outside the limits.</summary>
    internal void Check(long width, long height, string format, string? name)
    {
        if (width < 1 || height < 1)
            throw new DataFormatException(name, $"the {format} header gives a size of {width} x {height}; replace or remove the file");

        if (width > MaxSide || height > MaxSide || width * height > MaxPixels || width * height * 3 > Array.MaxLength)
            throw new DataFormatException(name, $"the {format} header gives a size of {width} x {height}, above the limit of {MaxSide} a side and {MaxPixels} pixels; scale the image down");
    }
}
