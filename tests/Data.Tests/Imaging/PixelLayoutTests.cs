using IlgpuSpp.Data.Imaging;

namespace IlgpuSpp.Data.Tests.Imaging;

public sealed class PixelLayoutTests
{
    private const int Width = 5, Height = 3;

    private static readonly byte[] Rgb = [.. Enumerable.Range(0, Width * Height * 3).Select(i => (byte)(i * 37 + 11))];

    [Theory]
    [InlineData(PixelLayout.Rgb, 3, 0)]
    [InlineData(PixelLayout.Rgb, 3, 1)]
    [InlineData(PixelLayout.Bgr, 3, 0)]
    [InlineData(PixelLayout.Bgr, 3, 7)]
    [InlineData(PixelLayout.Bgra, 4, 0)]
    [InlineData(PixelLayout.Bgra, 4, 12)]
    public void The_same_colours_come_from_every_layout_and_stride(PixelLayout layout, int bytes, int padding)
    {
        int stride = Width * bytes + padding;
        // The padding of the last row may be missing.
        byte[] pixels = new byte[stride * Height - padding];
        Array.Fill(pixels, (byte)255);
        for (int i = 0; i < Width * Height; i++)
            for (int c = 0; c < 3; c++)
                pixels[i / Width * stride + i % Width * bytes + (layout == PixelLayout.Rgb ? c : 2 - c)] = Rgb[3 * i + c];
        Assert.Equal(Rgb, RgbImage.FromPixels(pixels, Width, Height, layout, padding == 0 ? 0 : stride).Pixels);
    }

    [Fact]
    public void Grey_becomes_three_equal_channels_and_transparency_white()
    {
        Assert.Equal([7, 7, 7, 9, 9, 9], RgbImage.FromPixels([7, 9], 2, 1, PixelLayout.Grey).Pixels);
        // (100 · 128 + 255 · 127) / 255 = 177.2, and what is fully transparent is white.
        Assert.Equal([177, 127, 127, 255, 255, 255], RgbImage.FromPixels([0, 0, 100, 128, 1, 2, 3, 0], 2, 1, PixelLayout.Bgra).Pixels);
    }

    [Fact]
    public void What_cannot_be_is_refused_with_the_figures()
    {
        Assert.Contains("take 45 bytes, but there are 44", Assert.Throws<ArgumentException>(() => RgbImage.FromPixels(Rgb.AsSpan(1), Width, Height)).Message, StringComparison.Ordinal);
        Assert.Contains("takes 15 bytes", Assert.Throws<ArgumentOutOfRangeException>(() => RgbImage.FromPixels(Rgb, Width, Height, PixelLayout.Rgb, 14)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => RgbImage.FromPixels(Rgb, 0, Height));
        Assert.Throws<ArgumentOutOfRangeException>(() => RgbImage.FromPixels(Rgb, Width, Height, (PixelLayout)9));
    }
}
