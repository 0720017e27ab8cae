using System.Numerics;

namespace IlgpuSpp.Data;

/// <summary>
/// An affine map of colours: <c>out = M·rgb + offset</c>. Every colour change and the normalisation are of this form, so
/// they are multiplied out first and touch each pixel once.
/// </summary>
internal readonly record struct ColourTransform(
    float M00, float M01, float M02, float Offset0,
    float M10, float M11, float M12, float Offset1,
    float M20, float M21, float M22, float Offset2)
{
    // Weights of red, green and blue in grey (ITU-R BT.601), as the usual jitter transforms have them.
    private const float RedWeight = 0.299f, GreenWeight = 0.587f, BlueWeight = 0.114f;

    public static ColourTransform Identity { get; } = new(1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0);

    public static ColourTransform Shift(float red, float green, float blue) => new(1, 0, 0, red, 0, 1, 0, green, 0, 0, 1, blue);

    public static ColourTransform Brightness(float factor) => new(factor, 0, 0, 0, 0, factor, 0, 0, 0, 0, factor, 0);

    /// <summary>Scales the distance from a grey.</summary>
    public static ColourTransform Contrast(float factor, float grey)
    {
        float offset = (1 - factor) * grey;
        return new(factor, 0, 0, offset, 0, factor, 0, offset, 0, 0, factor, offset);
    }

    /// <summary>Scales the distance from the pixel's own grey.</summary>
    public static ColourTransform Saturation(float factor)
    {
        float r = (1 - factor) * RedWeight, g = (1 - factor) * GreenWeight, b = (1 - factor) * BlueWeight;
        return new(factor + r, g, b, 0, r, factor + g, b, 0, r, g, factor + b, 0);
    }

    /// <summary>(x − mean) / std and the channel order; the mean only where it is a colour.</summary>
    public static ColourTransform Normalising(InputNormalisation to)
    {
        RgbValues mean = to.Kind == NormalisationKind.MeanImage ? default : to.Mean, std = to.Std;
        var rgb = new ColourTransform(
            1 / std.Red, 0, 0, -mean.Red / std.Red,
            0, 1 / std.Green, 0, -mean.Green / std.Green,
            0, 0, 1 / std.Blue, -mean.Blue / std.Blue);
        return to.ChannelOrder == ChannelOrder.Rgb ? rgb : rgb with
        {
            M00 = rgb.M20, M01 = rgb.M21, M02 = rgb.M22, Offset0 = rgb.Offset2,
            M20 = rgb.M00, M21 = rgb.M01, M22 = rgb.M02, Offset2 = rgb.Offset0,
        };
    }

    /// <summary>The mean grey of pixels.</summary>
    public static float MeanGrey(ReadOnlySpan<float> pixels)
    {
        double red = 0, green = 0, blue = 0;
        for (int i = 0; i < pixels.Length; i += 3)
        {
            red += pixels[i];
            green += pixels[i + 1];
            blue += pixels[i + 2];
        }
        return (float)((red * RedWeight + green * GreenWeight + blue * BlueWeight) / (pixels.Length / 3));
    }

    /// <summary>This map, then another.</summary>
    public ColourTransform Then(ColourTransform next)
    {
        ColourTransform a = this;
        (float m00, float m01, float m02, float o0) = Row(next.M00, next.M01, next.M02, next.Offset0);
        (float m10, float m11, float m12, float o1) = Row(next.M10, next.M11, next.M12, next.Offset1);
        (float m20, float m21, float m22, float o2) = Row(next.M20, next.M21, next.M22, next.Offset2);
        return new(m00, m01, m02, o0, m10, m11, m12, o1, m20, m21, m22, o2);

        (float, float, float, float) Row(float x, float y, float z, float offset) => (
            x * a.M00 + y * a.M10 + z * a.M20,
            x * a.M01 + y * a.M11 + z * a.M21,
            x * a.M02 + y * a.M12 + z * a.M22,
            x * a.Offset0 + y * a.Offset1 + z * a.Offset2 + offset);
    }

    /// <summary>Applies the map to interleaved pixels, in place.</summary>
    public void Apply(Span<float> pixels)
    {
        if (this == Identity) return;
        if (M01 == 0 && M02 == 0 && M10 == 0 && M12 == 0 && M20 == 0 && M21 == 0) ApplyByChannel(pixels);
        else ApplyMixed(pixels, 0);
    }

    // Channels keep apart: three vectors hold a pattern of scales and offsets that repeats after three vectors of pixels.
    private void ApplyByChannel(Span<float> pixels)
    {
        int lanes = Vector<float>.Count;
        Span<float> scales = stackalloc float[3 * Vector<float>.Count], offsets = stackalloc float[3 * Vector<float>.Count];
        for (int i = 0; i < scales.Length; i += 3)
        {
            (scales[i], scales[i + 1], scales[i + 2]) = (M00, M11, M22);
            (offsets[i], offsets[i + 1], offsets[i + 2]) = (Offset0, Offset1, Offset2);
        }
        Vector<float> s0 = new(scales), s1 = new(scales[lanes..]), s2 = new(scales[(2 * lanes)..]);
        Vector<float> o0 = new(offsets), o1 = new(offsets[lanes..]), o2 = new(offsets[(2 * lanes)..]);
        int at = 0;
        for (; at <= pixels.Length - 3 * lanes; at += 3 * lanes)
        {
            Span<float> block = pixels.Slice(at, 3 * lanes);
            (new Vector<float>(block) * s0 + o0).CopyTo(block);
            (new Vector<float>(block[lanes..]) * s1 + o1).CopyTo(block[lanes..]);
            (new Vector<float>(block[(2 * lanes)..]) * s2 + o2).CopyTo(block[(2 * lanes)..]);
        }
        ApplyMixed(pixels, at);
    }

    private void ApplyMixed(Span<float> pixels, int from)
    {
        for (int i = from; i < pixels.Length; i += 3)
        {
            float r = pixels[i], g = pixels[i + 1], b = pixels[i + 2];
            pixels[i] = M00 * r + M01 * g + M02 * b + Offset0;
            pixels[i + 1] = M10 * r + M11 * g + M12 * b + Offset1;
            pixels[i + 2] = M20 * r + M21 * g + M22 * b + Offset2;
        }
    }
}
