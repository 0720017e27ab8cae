using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using IlgpuSpp.Data.Imaging;

namespace IlgpuSpp.Training;

/// <summary>One look at an image with nothing at random.</summary>
/// <param name="Side">Length in pixels of the whole image's shorter side, or side of the square that the crop is resized to.</param>
/// <param name="Crop">Where the crop lies; null for the whole image.</param>
/// <param name="Flip">Whether it is mirrored left to right.</param>
internal readonly record struct FixedView(int Side, CropPosition? Crop, bool Flip)
{
    /// <summary>Most views that <see cref="Of"/> gives a network that takes any size; others have no whole images.</summary>
    public const int Most = 2 + 2 * CropWindows.Positions;

    /// <summary>The views of training at one size: the whole image and its mirror image where the network takes them, then the paper's ten crops.</summary>
    /// <param name="count">How many, the first ones.</param>
    /// <param name="size">Side of the training input in pixels.</param>
    /// <param name="preparation">How images are prepared; whole ones are scaled as the crop is.</param>
    /// <param name="takesAnySize">Whether the network takes whole images.</param>
    public static FixedView[] Of(int count, int size, InputPreparation preparation, bool takesAnySize)
    {
        int whole = (int)Math.Round((double)preparation.MinSide * size / preparation.CropSize, MidpointRounding.AwayFromZero);
        IEnumerable<FixedView> plain = Enum.GetValues<CropPosition>().Select(position => new FixedView(size, position, false));
        if (takesAnySize) plain = plain.Prepend(new FixedView(whole, null, false));
        return [.. plain.SelectMany(view => (FixedView[])[view, view with { Flip = true }]).Take(count)];
    }

    /// <summary>What a network reads of an image.</summary>
    /// <param name="preparation">How images are prepared.</param>
    /// <param name="prepared">The image, prepared.</param>
    /// <returns>The values and their shape, <c>[1, height, width, 3]</c>.</returns>
    public (float[] Values, Shape Shape) Render(InputPreparation preparation, RgbImage prepared)
    {
        RgbImage image = Crop is null ? (preparation with { MinSide = Side, CropSize = Math.Min(Side, preparation.CropSize) }).ResizeMinSide(prepared) : prepared;
        Shape shape = Crop is null ? new Shape(1, image.Height, image.Width, 3) : new Shape(1, Side, Side, 3);
        var values = new float[shape.Count];
        if (Crop is { } position) preparation.WriteCrop(image, position, Flip, Side, values);
        else preparation.WriteFull(image, Flip, values);
        return (values, shape);
    }

    /// <summary>A hash of the view and of all in the preparation that it depends on.</summary>
    public byte[] Fingerprint(InputPreparation preparation)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        string shown = Crop is { } position ? $"{position} of {preparation.CropSize}" : "whole";
        hash.AppendData(Encoding.UTF8.GetBytes(FormattableString.Invariant($"{preparation.MinSide} {preparation.Filter} {(preparation.ReducedDecoding ? "reduced " : "")}{shown} at {Side} {(Flip ? "mirrored " : "")}{preparation.Normalisation.ToJson()}")));
        if (preparation.Normalisation.MeanImage is { } mean) hash.AppendData(MemoryMarshal.AsBytes(mean.Pixels));
        return hash.GetHashAndReset();
    }
}
