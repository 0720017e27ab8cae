namespace IlgpuSpp.Detection;

/// <summary>An image in one colour space: one float plane a channel, values 0 to 255.</summary>
internal sealed class ColourPlanes
{
    private const double WhiteX = 0.950456, WhiteZ = 1.088754;
    private static readonly float[] Linear = LinearLight();

    private ColourPlanes(int width, int height, int channels)
    {
        Width = width;
        Height = height;
        Planes = new float[channels][];
        for (int c = 0; c < channels; c++) Planes[c] = GC.AllocateUninitializedArray<float>(width * height);
    }

    public int Width { get; }

    public int Height { get; }

    /// <summary>The channels, each <c>[height, width]</c>, row-major.</summary>
    public float[][] Planes { get; }

    public static ColourPlanes Convert(RgbImage image, ColourSpace space)
    {
        int channels = space is ColourSpace.Hue or ColourSpace.Intensity ? 1 : 3;
        var planes = new ColourPlanes(image.Width, image.Height, channels);
        ReadOnlySpan<byte> pixels = image.Pixels;
        float[] first = planes.Planes[0];
        float[] second = planes.Planes[channels > 1 ? 1 : 0], third = planes.Planes[channels > 1 ? 2 : 0];
        for (int i = 0, p = 0; i < first.Length; i++, p += 3)
        {
            byte r = pixels[p], g = pixels[p + 1], b = pixels[p + 2];
            switch (space)
            {
                case ColourSpace.Rgb:
                    (first[i], second[i], third[i]) = (r, g, b);
                    break;
                case ColourSpace.Hsv:
                    (first[i], second[i], third[i]) = Hsv(r, g, b);
                    break;
                case ColourSpace.Lab:
                    (first[i], second[i], third[i]) = Lab(r, g, b);
                    break;
                case ColourSpace.RgI:
                    (first[i], second[i], third[i]) = RgI(r, g, b);
                    break;
                case ColourSpace.Hue:
                    first[i] = Hsv(r, g, b).Hue;
                    break;
                case ColourSpace.Intensity:
                    first[i] = (r + g + b) / 3f;
                    break;
                default:
                    throw new ArgumentOutOfRangeException(nameof(space), space, "There is no such colour space.");
            }
        }
        return planes;
    }

    /// <summary>Hue, saturation and value, 0 to 255; the hue of grey is 0.</summary>
    internal static (float Hue, float Saturation, float Value) Hsv(byte r, byte g, byte b)
    {
        int value = Math.Max(r, Math.Max(g, b)), span = value - Math.Min(r, Math.Min(g, b));
        if (span == 0) return (0, 0, value);
        float sixth = value == r ? (g - b) / (float)span : value == g ? 2 + (b - r) / (float)span : 4 + (r - g) / (float)span;
        if (sixth < 0) sixth += 6;
        return (sixth * (255f / 6), 255f * span / value, value);
    }

    /// <summary>CIE L*a*b* of an sRGB colour, scaled as <see cref="ColourSpace.Lab"/> says.</summary>
    internal static (float L, float A, float B) Lab(byte r, byte g, byte b)
    {
        float lr = Linear[r], lg = Linear[g], lb = Linear[b];
        float x = Curve((0.412453f * lr + 0.357580f * lg + 0.180423f * lb) * (float)(1 / WhiteX));
        float y = Curve(0.212671f * lr + 0.715160f * lg + 0.072169f * lb);
        float z = Curve((0.019334f * lr + 0.119193f * lg + 0.950227f * lb) * (float)(1 / WhiteZ));
        return (
            Math.Clamp((116 * y - 16) * 2.55f, 0, 255),
            Math.Clamp(500 * (x - y) + 128, 0, 255),
            Math.Clamp(200 * (y - z) + 128, 0, 255));
    }

    private static (float R, float G, float I) RgI(byte r, byte g, byte b)
    {
        int sum = r + g + b;
        return sum == 0 ? (85, 85, 0) : (255f * r / sum, 255f * g / sum, sum / 3f);
    }

    private static float Curve(float t) => t > 0.008856f ? MathF.Cbrt(t) : 7.787f * t + 16f / 116;

    private static float[] LinearLight()
    {
        var table = new float[256];
        for (int i = 0; i < table.Length; i++)
        {
            double v = i / 255.0;
            table[i] = (float)(v <= 0.04045 ? v / 12.92 : Math.Pow((v + 0.055) / 1.055, 2.4));
        }
        return table;
    }
}

/// <summary>Colour spaces of selective search (Uijlings et al., IJCV 2013, section 4.1); every channel is scaled to 0 to 255.</summary>
public enum ColourSpace
{
    /// <summary>Red, green and blue as they are.</summary>
    Rgb,

    /// <summary>Hue, saturation, value. Hue wraps: 0 and 256 are both red.</summary>
    Hsv,

    /// <summary>CIE L*a*b* under D65: L* times 2.55, a* and b* plus 128.</summary>
    Lab,

    /// <summary>Normalised red and green, r = R/(R+G+B) and g = G/(R+G+B), times 255, and the intensity.</summary>
    RgI,

    /// <summary>Hue alone.</summary>
    Hue,

    /// <summary>Intensity alone: the mean of red, green and blue.</summary>
    Intensity,
}
