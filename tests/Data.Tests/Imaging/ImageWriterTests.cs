using IlgpuSpp.Data.Imaging;

namespace IlgpuSpp.Data.Tests.Imaging;

public sealed class ImageWriterTests
{
    private static RgbImage Source => new(13, 11, ResizeSamples.Source);

    [Fact]
    public void Png_gives_the_pixels_back()
    {
        byte[] file = ImageWriter.Png(Source);
        RgbImage image = ImageDecoder.Decode(file);
        Assert.Equal((13, 11), (image.Width, image.Height));
        Assert.Equal(ResizeSamples.Source, image.Pixels);
        Assert.Equal(file, ImageWriter.Png(Source));
    }

    [Fact]
    public void Jpeg_gives_nearly_the_pixels_back()
    {
        var smooth = new RgbImage(40, 24);
        for (int y = 0; y < 24; y++)
            for (int x = 0; x < 40; x++)
                (smooth.Row(y)[3 * x], smooth.Row(y)[3 * x + 1], smooth.Row(y)[3 * x + 2]) = ((byte)(4 * x), (byte)(8 * y), (byte)(200 - 2 * x));
        byte[] file = ImageWriter.Jpeg(smooth, 95);
        RgbImage image = ImageDecoder.Decode(file);
        Assert.Equal((40, 24), (image.Width, image.Height));
        Assert.All(smooth.Pixels.Zip(image.Pixels), pair => Assert.InRange(pair.First - pair.Second, -12, 12));
        Assert.True(ImageWriter.Jpeg(smooth, 30).Length < file.Length);
    }

    [Fact]
    public void Files_are_written_and_replaced()
    {
        using var folder = new TemporaryFolder();
        string path = folder.Text("a.png", "something else, which is longer than nothing at all");
        ImageWriter.WritePng(path, Source);
        Assert.Equal(ResizeSamples.Source, ImageDecoder.DecodeFile(path).Pixels);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(101)]
    public void Jpeg_quality_is_checked(int quality) => Assert.Throws<ArgumentOutOfRangeException>(() => ImageWriter.Jpeg(Source, quality));
}
