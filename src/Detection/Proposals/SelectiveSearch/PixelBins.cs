namespace IlgpuSpp.Detection;

/// <summary>The histogram bin of every pixel of an image in one colour space: one colour bin a channel, eight texture bins a channel.</summary>
internal sealed class PixelBins(int channels, byte[] colour, byte[] texture)
{
    /// <summary>Colour bins a channel.</summary>
    public const int ColourBins = 25;

    /// <summary>Texture orientations: multiples of 45 degrees.</summary>
    public const int Orientations = 8;

    /// <summary>Texture bins an orientation and channel.</summary>
    public const int TextureBins = 10;

    private const double Sigma = 1;
    private const float HalfRoot = 0.70710678f;

    public int Channels { get; } = channels;

    /// <summary><c>[pixel, channel]</c>, 0 to 24.</summary>
    public byte[] Colour { get; } = colour;

    /// <summary><c>[pixel, channel, orientation]</c>, 0 to 9.</summary>
    public byte[] Texture { get; } = texture;

    public static PixelBins Create(ColourPlanes image)
    {
        int channels = image.Planes.Length, pixels = image.Width * image.Height;
        byte[] colour = GC.AllocateUninitializedArray<byte>(pixels * channels);
        byte[] texture = GC.AllocateUninitializedArray<byte>(pixels * channels * Orientations);
        for (int c = 0; c < channels; c++)
        {
            float[] plane = image.Planes[c];
            for (int i = 0, at = c; i < pixels; i++, at += channels) colour[at] = (byte)Math.Min((int)(plane[i] * (ColourBins / 256f)), ColourBins - 1);
            BinTexture(image, c, channels, texture);
        }
        return new PixelBins(channels, colour, texture);
    }

    // Derivatives of a Gaussian are steerable: those at 45 degrees are sums of the two along the axes. The part of
    // an orientation above zero and the part below (the opposite orientation) are binned apart; the strongest response of
    // the channel is the top of the range.
    private static void BinTexture(ColourPlanes image, int channel, int channels, byte[] texture)
    {
        int radius = GaussianFilter.Radius(Sigma);
        float[] smooth = GaussianFilter.Kernel(Sigma, radius), slope = GaussianFilter.DerivativeKernel(Sigma, radius);
        float[] dx = GaussianFilter.Correlate(image.Planes[channel], image.Width, image.Height, slope, smooth);
        float[] dy = GaussianFilter.Correlate(image.Planes[channel], image.Width, image.Height, smooth, slope);
        float top = 0;
        for (int i = 0; i < dx.Length; i++)
        {
            float x = Math.Abs(dx[i]), y = Math.Abs(dy[i]);
            top = Math.Max(top, Math.Max(Math.Max(x, y), (x + y) * HalfRoot));
        }
        float scale = top > 0 ? TextureBins / top : 0;
        int step = channels * Orientations;
        for (int i = 0, at = channel * Orientations; i < dx.Length; i++, at += step)
        {
            float x = dx[i] * scale, y = dy[i] * scale;
            float rising = (x + y) * HalfRoot, falling = (y - x) * HalfRoot;
            Span<byte> bins = texture.AsSpan(at, Orientations);
            (bins[0], bins[4]) = Bins(x);
            (bins[1], bins[5]) = Bins(rising);
            (bins[2], bins[6]) = Bins(y);
            (bins[3], bins[7]) = Bins(falling);
        }
    }

    private static (byte Positive, byte Negative) Bins(float response)
    {
        int bin = Math.Min((int)Math.Abs(response), TextureBins - 1);
        return response >= 0 ? ((byte)bin, (byte)0) : ((byte)0, (byte)bin);
    }
}
