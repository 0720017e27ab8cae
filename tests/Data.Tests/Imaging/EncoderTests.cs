using IlgpuSpp.Data.Imaging;

namespace IlgpuSpp.Data.Tests.Imaging;

public sealed class EncoderTests
{
    private static RgbImage Source => new(13, 11, ResizeSamples.Source);

    /// <summary>Hashes of what cjpeg -baseline -dct int of libjpeg-turbo 2.1.5 writes for the same image.</summary>
    [Theory]
    [InlineData(10, JpegSampling.Full, "462e32b7067ddd18")]
    [InlineData(10, JpegSampling.Half, "90c980e78da31018")]
    [InlineData(75, JpegSampling.Full, "2516e372e9c6655b")]
    [InlineData(75, JpegSampling.Half, "c7ad2e1cf534ea91")]
    [InlineData(90, JpegSampling.Full, "9b67a9b8625456d5")]
    [InlineData(90, JpegSampling.Half, "dcabe70d9064c581")]
    [InlineData(100, JpegSampling.Full, "94eeb0cf3967e3b4")]
    [InlineData(100, JpegSampling.Half, "a6cec43b4ae2597e")]
    public void Jpeg_files_equal_those_of_cjpeg(int quality, JpegSampling sampling, string hash) =>
        Assert.Equal(hash, ImageSample.Hash(JpegEncoder.Encode(Source, quality, sampling)));

    [Fact]
    public void Png_files_give_the_pixels_back()
    {
        var file = PngEncoder.Encode(Source);
        var image = ImageDecoder.Decode(file);
        Assert.Equal((13, 11), (image.Width, image.Height));
        Assert.Equal(ResizeSamples.Source, image.Pixels);
        Assert.Equal(file, PngEncoder.Encode(Source));
    }

    [Fact]
    public void Files_are_written_and_replaced()
    {
        var path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        try
        {
            PngEncoder.Write(path, Source);
            Assert.Equal(ResizeSamples.Source, ImageDecoder.DecodeFile(path).Pixels);
            JpegEncoder.Write(path, Source, 75);
            Assert.Equal(JpegEncoder.Encode(Source, 75), File.ReadAllBytes(path));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(101)]
    public void Jpeg_quality_is_checked(int quality) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => JpegEncoder.Encode(Source, quality));
}
