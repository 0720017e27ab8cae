using System.Buffers;

namespace IlgpuSpp.Data.Imaging;

/// <summary>
/// Separable resizing with precomputed weights: rows are blended first, then the pixels of the blended row. Sums are single
/// precision without intermediate rounding; the result does not depend on the machine's vector width. Thread-safe.
/// </summary>
public static class ImageResizer
{
    /// <summary>Resizes a whole image; values are rounded to the nearest level once, at the end.</summary>
    /// <param name="source">The image.</param>
    /// <param name="width">Width of the result, at least 1.</param>
    /// <param name="height">Height of the result, at least 1.</param>
    /// <param name="filter">The filter.</param>
    /// <returns>A new image.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A side is below 1 or there is no such filter.</exception>
    public static RgbImage Resize(RgbImage source, int width, int height, ResizeFilter filter)
    {
        var result = new RgbImage(width, height);
        ResizeWeights vertical = Vertical(source, PixelRegion.Whole(source), width, height, filter, out ResizeWeights? horizontal);
        float[] row = ArrayPool<float>.Shared.Rent(width * 3);
        float[] sums = RentSums(horizontal, 3);
        try
        {
            for (int y = 0; y < height; y++)
            {
                Blend(source, vertical, y, horizontal, sums, row.AsSpan(0, width * 3));
                Span<byte> to = result.Row(y);
                for (int i = 0; i < to.Length; i++) to[i] = (byte)(row[i] + 0.5f);
            }
        }
        finally
        {
            ArrayPool<float>.Shared.Return(row);
            ArrayPool<float>.Shared.Return(sums);
        }

        return result;
    }

    /// <summary>
    /// Resizes a region of an image to floats. Only the pixels that the region touches are drawn on, so a region of whole pixels
    /// gives what cropping first would.
    /// </summary>
    /// <param name="source">The image.</param>
    /// <param name="region">The region, inside the image.</param>
    /// <param name="width">Width of the result, at least 1.</param>
    /// <param name="height">Height of the result, at least 1.</param>
    /// <param name="filter">The filter.</param>
    /// <param name="destination"><c>[height, width, 3]</c>, RGB, values 0 to 255.</param>
    /// <exception cref="ArgumentOutOfRangeException">A side is below 1, the region leaves the image, or there is no such filter.</exception>
    /// <exception cref="ArgumentException">The destination has another length.</exception>
    internal static void ResizeToFloat(RgbImage source, PixelRegion region, int width, int height, ResizeFilter filter, Span<float> destination)
    {
        ResizeWeights vertical = Vertical(source, region, width, height, filter, out ResizeWeights? horizontal);
        CheckLength(destination.Length, width, height, 3, nameof(destination));
        float[] sums = RentSums(horizontal, 3);
        try
        {
            for (int y = 0; y < height; y++)
                Blend(source, vertical, y, horizontal, sums, destination.Slice(y * width * 3, width * 3));
        }
        finally
        {
            ArrayPool<float>.Shared.Return(sums);
        }
    }

    /// <summary>Resizes a float buffer of any number of channels.</summary>
    /// <param name="source"><c>[sourceHeight, sourceWidth, channels]</c>.</param>
    /// <param name="sourceWidth">Width of the source, at least 1.</param>
    /// <param name="sourceHeight">Height of the source, at least 1.</param>
    /// <param name="channels">Values a pixel, at least 1.</param>
    /// <param name="width">Width of the result, at least 1.</param>
    /// <param name="height">Height of the result, at least 1.</param>
    /// <param name="filter">The filter.</param>
    /// <param name="destination"><c>[height, width, channels]</c>.</param>
    /// <exception cref="ArgumentOutOfRangeException">A side is below 1 or there is no such filter.</exception>
    /// <exception cref="ArgumentException">A buffer has another length.</exception>
    public static void Resize(
        ReadOnlySpan<float> source, int sourceWidth, int sourceHeight, int channels, int width, int height, ResizeFilter filter, Span<float> destination)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(sourceWidth, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(sourceHeight, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(channels, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        CheckLength(source.Length, sourceWidth, sourceHeight, channels, nameof(source));
        CheckLength(destination.Length, width, height, channels, nameof(destination));
        var vertical = ResizeWeights.Create(sourceHeight, 0, sourceHeight, height, filter);
        var horizontal = ResizeWeights.Create(sourceWidth, 0, sourceWidth, width, filter);
        int rowLength = sourceWidth * channels;
        int lowest = horizontal.Lowest, length = (horizontal.End - lowest) * channels;
        float[] sums = RentSums(horizontal, channels);
        try
        {
            for (int y = 0; y < height; y++)
            {
                for (int t = 0; t < vertical.Taps; t += 2)
                {
                    (int first, float firstWeight, int second, float secondWeight) = Pair(vertical, y, t);
                    RowBlend.Accumulate(
                        source.Slice((first * rowLength) + (lowest * channels), length), firstWeight,
                        source.Slice((second * rowLength) + (lowest * channels), length), secondWeight, t > 0, sums.AsSpan(0, length));
                }

                RowBlend.Along(sums.AsSpan(0, length + 1), lowest, channels, horizontal, destination.Slice(y * width * channels, width * channels));
            }
        }
        finally
        {
            ArrayPool<float>.Shared.Return(sums);
        }
    }

    private static ResizeWeights Vertical(RgbImage source, PixelRegion region, int width, int height, ResizeFilter filter, out ResizeWeights horizontal)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);

        // Sides computed in floating point may miss the image's edge by a rounding.
        const double Slack = 1e-6;
        if (!(region.Width > 0 && region.Height > 0 && region.X >= -Slack && region.Y >= -Slack
            && region.X + region.Width <= source.Width + Slack && region.Y + region.Height <= source.Height + Slack))
        {
            throw new ArgumentOutOfRangeException(nameof(region), region, $"The region must lie inside the image of {source.Width} x {source.Height} pixels.");
        }

        horizontal = ResizeWeights.Create(source.Width, region.X, region.Width, width, filter);
        return ResizeWeights.Create(source.Height, region.Y, region.Height, height, filter);
    }

    private static float[] RentSums(ResizeWeights horizontal, int channels)
    {
        int length = (horizontal.End - horizontal.Lowest) * channels;
        float[] sums = ArrayPool<float>.Shared.Rent(length + 1);
        sums[length] = 0;
        return sums;
    }

    private static void Blend(RgbImage source, ResizeWeights vertical, int y, ResizeWeights horizontal, float[] sums, Span<float> to)
    {
        int lowest = horizontal.Lowest, length = (horizontal.End - lowest) * 3;
        for (int t = 0; t < vertical.Taps; t += 2)
        {
            (int first, float firstWeight, int second, float secondWeight) = Pair(vertical, y, t);
            RowBlend.Accumulate(
                source.Row(first).Slice(lowest * 3, length), firstWeight,
                source.Row(second).Slice(lowest * 3, length), secondWeight, t > 0, sums.AsSpan(0, length));
        }

        RowBlend.Along(sums.AsSpan(0, length + 1), lowest, 3, horizontal, to);
    }

    /// <summary>Two neighbouring taps; an odd last one is paired with itself at weight 0.</summary>
    private static (int First, float FirstWeight, int Second, float SecondWeight) Pair(ResizeWeights weights, int output, int tap)
    {
        int at = (output * weights.Taps) + tap;
        int first = weights.First[output] + tap;
        return tap + 1 < weights.Taps ? (first, weights.Weights[at], first + 1, weights.Weights[at + 1]) : (first, weights.Weights[at], first, 0);
    }

    private static void CheckLength(int actual, int width, int height, int channels, string parameter)
    {
        long expected = (long)width * height * channels;
        if (actual != expected)
            throw new ArgumentException($"A {width} x {height} buffer of {channels} channels has {expected} values, but {actual} were given.", parameter);
    }
}

/// <summary>How pixels between the source's are computed.</summary>
public enum ResizeFilter
{
    /// <summary>
    /// Two neighbours a side, centres of pixels at half integers, no averaging when making smaller:
    /// OpenCV's INTER_LINEAR, PyTorch's <c>interpolate(bilinear, align_corners=False)</c>.
    /// </summary>
    Bilinear,

    /// <summary>
    /// A triangle as wide as the reduction, so that every source pixel counts when making smaller:
    /// Pillow's BILINEAR, PyTorch's <c>antialias=True</c>. The same as <see cref="Bilinear"/> when making larger.
    /// </summary>
    BilinearAntialias,

    /// <summary>Two neighbours a side, the corner pixels' centres mapped onto each other: PyTorch's <c>align_corners=True</c>.</summary>
    BilinearAlignCorners,
}

/// <summary>A rectangle of an image in pixels; pixel (x, y) covers [x, x + 1) by [y, y + 1), so fractions are allowed.</summary>
/// <param name="X">Left edge.</param>
/// <param name="Y">Upper edge.</param>
/// <param name="Width">Width, above 0.</param>
/// <param name="Height">Height, above 0.</param>
internal readonly record struct PixelRegion(double X, double Y, double Width, double Height)
{
    /// <summary>The region that covers a whole image.</summary>
    /// <param name="image">The image.</param>
    public static PixelRegion Whole(RgbImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        return new PixelRegion(0, 0, image.Width, image.Height);
    }
}
