using System.Buffers;

namespace IlgpuSpp.Data;

/// <summary>
/// RandAugment (Cubuk et al., "RandAugment: Practical automated data augmentation with a reduced search space", section 3): N of fourteen operations, each
/// with the same chance, all of one magnitude M. The operations and what a magnitude of 0 to 30 means to each are torchvision's. Pixels are interleaved, 0 to 255;
/// geometry takes the nearest pixel and fills with black.
/// </summary>
internal static class RandAugment
{
    /// <summary>The largest magnitude.</summary>
    public const int Largest = 30;

    /// <summary>Changes an image in place.</summary>
    /// <param name="pixels"><c>[size, size, 3]</c>, 0 to 255.</param>
    /// <param name="size">Side in pixels.</param>
    /// <param name="operations">N.</param>
    /// <param name="magnitude">M, 0 to <see cref="Largest"/>.</param>
    /// <param name="key">Names the random numbers.</param>
    public static void Apply(Span<float> pixels, int size, int operations, double magnitude, RandomKey key)
    {
        var random = new RandomStream(key);
        for (int i = 0; i < operations; i++)
        {
            var operation = (ImageOperation)random.NextInt((int)ImageOperation.Equalize + 1);
            Apply(pixels, size, operation, magnitude / Largest, random.NextUniform() < 0.5f ? -1 : 1);
        }
    }

    /// <summary>One operation.</summary>
    /// <param name="pixels"><c>[size, size, 3]</c>, 0 to 255.</param>
    /// <param name="size">Side in pixels.</param>
    /// <param name="operation">Which.</param>
    /// <param name="share">The magnitude as a share of the largest, 0 to 1.</param>
    /// <param name="sign">1 or −1: the direction of those that have one.</param>
    public static void Apply(Span<float> pixels, int size, ImageOperation operation, double share, int sign)
    {
        float factor = (float)(1 + sign * 0.9 * share);
        switch (operation)
        {
            case ImageOperation.Identity: break;
            // The shears turn about the upper left corner, the rotation about the middle.
            case ImageOperation.ShearX: Map(pixels, size, 1, sign * 0.3 * share, 0, 1); break;
            case ImageOperation.ShearY: Map(pixels, size, 1, 0, sign * 0.3 * share, 1); break;
            case ImageOperation.TranslateX: Map(pixels, size, 1, 0, 0, 1, shiftX: Math.Truncate(-sign * share * 150.0 / 331 * size)); break;
            case ImageOperation.TranslateY: Map(pixels, size, 1, 0, 0, 1, shiftY: Math.Truncate(-sign * share * 150.0 / 331 * size)); break;
            case ImageOperation.Rotate:
                double angle = sign * share * Math.PI / 6;
                Map(pixels, size, Math.Cos(angle), -Math.Sin(angle), Math.Sin(angle), Math.Cos(angle), centre: size / 2.0);
                break;
            case ImageOperation.Brightness: Colour(pixels, ColourTransform.Brightness(factor)); break;
            case ImageOperation.Color: Colour(pixels, ColourTransform.Saturation(factor)); break;
            case ImageOperation.Contrast: Colour(pixels, ColourTransform.Contrast(factor, ColourTransform.MeanGrey(pixels))); break;
            case ImageOperation.Sharpness: Sharpen(pixels, size, factor); break;
            case ImageOperation.Posterize: Posterize(pixels, 8 - (int)Math.Round(4 * share)); break;
            case ImageOperation.Solarize: Solarize(pixels, (float)(255 * (1 - share))); break;
            case ImageOperation.AutoContrast: Stretch(pixels); break;
            case ImageOperation.Equalize: Equalize(pixels); break;
            default: throw new ArgumentOutOfRangeException(nameof(operation));
        }
    }

    // Where every pixel comes from: (a·x + b·y, c·x + d·y) about a centre, plus a shift.
    private static void Map(Span<float> pixels, int size, double a, double b, double c, double d, double shiftX = 0, double shiftY = 0, double centre = 0)
    {
        float[] source = Rent(pixels);
        for (int y = 0; y < size; y++)
        {
            for (int x = 0; x < size; x++)
            {
                double u = x + 0.5 - centre, v = y + 0.5 - centre;
                int fromX = (int)Math.Floor(a * u + b * v + shiftX + centre), fromY = (int)Math.Floor(c * u + d * v + shiftY + centre);
                Span<float> pixel = pixels.Slice((y * size + x) * 3, 3);
                if ((uint)fromX < (uint)size && (uint)fromY < (uint)size) source.AsSpan((fromY * size + fromX) * 3, 3).CopyTo(pixel);
                else pixel.Clear();
            }
        }
        ArrayPool<float>.Shared.Return(source);
    }

    private static float[] Rent(ReadOnlySpan<float> pixels)
    {
        float[] copy = ArrayPool<float>.Shared.Rent(pixels.Length);
        pixels.CopyTo(copy);
        return copy;
    }

    private static void Colour(Span<float> pixels, ColourTransform map)
    {
        map.Apply(pixels);
        for (int i = 0; i < pixels.Length; i++) pixels[i] = Math.Clamp(pixels[i], 0, 255);
    }

    // From a blurred image (a middle of weight 5 among eight neighbours) through the image and beyond; the border stays.
    private static void Sharpen(Span<float> pixels, int size, float factor)
    {
        float[] source = Rent(pixels);
        for (int y = 1; y < size - 1; y++)
        {
            for (int i = (y * size + 1) * 3; i < (y * size + size - 1) * 3; i++)
            {
                float blurred = 4 * source[i];
                for (int dy = -1; dy <= 1; dy++)
                    for (int dx = -1; dx <= 1; dx++) blurred += source[i + (dy * size + dx) * 3];
                blurred /= 13;
                pixels[i] = Math.Clamp(blurred + factor * (source[i] - blurred), 0, 255);
            }
        }
        ArrayPool<float>.Shared.Return(source);
    }

    private static void Posterize(Span<float> pixels, int bits)
    {
        int mask = -(1 << (8 - bits));
        for (int i = 0; i < pixels.Length; i++) pixels[i] = Level(pixels[i]) & mask;
    }

    private static void Solarize(Span<float> pixels, float threshold)
    {
        for (int i = 0; i < pixels.Length; i++)
            if (pixels[i] >= threshold) pixels[i] = 255 - pixels[i];
    }

    private static void Stretch(Span<float> pixels)
    {
        for (int channel = 0; channel < 3; channel++)
        {
            float low = float.MaxValue, high = float.MinValue;
            for (int i = channel; i < pixels.Length; i += 3) (low, high) = (Math.Min(low, pixels[i]), Math.Max(high, pixels[i]));
            if (!(high > low)) continue;
            for (int i = channel; i < pixels.Length; i += 3) pixels[i] = Math.Clamp((pixels[i] - low) * (255 / (high - low)), 0, 255);
        }
    }

    // Pillow's: the running sum over the step, a step being the pixels (but for those of the last level in use) over 255.
    private static void Equalize(Span<float> pixels)
    {
        Span<int> counts = stackalloc int[256], table = stackalloc int[256];
        for (int channel = 0; channel < 3; channel++)
        {
            counts.Clear();
            for (int i = channel; i < pixels.Length; i += 3) counts[Level(pixels[i])]++;
            int last = counts.LastIndexOfAnyExcept(0), step = (pixels.Length / 3 - counts[last]) / 255;
            if (step == 0) continue;
            int sum = step / 2;
            for (int level = 0; level < 256; level++)
            {
                table[level] = Math.Min(sum / step, 255);
                sum += counts[level];
            }
            for (int i = channel; i < pixels.Length; i += 3) pixels[i] = table[Level(pixels[i])];
        }
    }

    private static int Level(float value) => (int)Math.Clamp(value + 0.5f, 0, 255);
}

/// <summary>The operations of <see cref="RandAugment"/>, in torchvision's order.</summary>
internal enum ImageOperation
{
    Identity, ShearX, ShearY, TranslateX, TranslateY, Rotate, Brightness, Color, Contrast, Sharpness, Posterize, Solarize, AutoContrast, Equalize,
}
