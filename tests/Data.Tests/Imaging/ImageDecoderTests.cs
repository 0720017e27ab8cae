using IlgpuSpp.Data.Imaging;

namespace IlgpuSpp.Data.Tests.Imaging;

public sealed class ImageDecoderTests
{
    [Fact]
    public void Format_and_size_are_told_by_content()
    {
        Assert.Equal(new ImageInfo(ImageFormat.Jpeg, 37, 29), ImageDecoder.Identify(ImageSample.Find(JpegSamples.All, "Progressive420").File));
        Assert.Equal(new ImageInfo(ImageFormat.Png, 11, 9), ImageDecoder.Identify(ImageSample.Find(PngSamples.All, "Rgb8Interlaced").File));
        Assert.Equal(new ImageInfo(ImageFormat.Bmp, 11, 6), ImageDecoder.Identify(ImageSample.Find(BmpSamples.All, "Palette8TopDown").File));
        Assert.Equal(new ImageInfo(ImageFormat.Pnm, 12, 34), ImageDecoder.Identify("P6 12 34 255\n"u8));
    }

    [Fact]
    public void A_file_is_decoded_whatever_it_is_called()
    {
        var path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName() + ".jpg");
        try
        {
            var sample = ImageSample.Find(PngSamples.All, "Rgb8");
            File.WriteAllBytes(path, sample.File);
            Assert.Equal(sample.PixelHash, ImageSample.Hash(ImageDecoder.DecodeFile(path).Pixels));
            File.WriteAllText(path, "<!DOCTYPE html><html>");
            var exception = Assert.Throws<DataFormatException>(() => ImageDecoder.DecodeFile(path));
            Assert.Equal(path, exception.Path);
            Assert.StartsWith("not an image: begins with \"<!DOCTYPE html><html>\"", exception.Reason, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Theory]
    [InlineData("", "empty")]
    [InlineData("GIF89a\u0001\0\u0001\0", "a GIF image")]
    [InlineData("RIFF\0\0\0\0WEBPVP8 ", "a WebP image")]
    [InlineData("\0\u0001\u0002\u0003", "the bytes 00010203")]
    public void Other_data_is_described(string data, string words)
    {
        var bytes = System.Text.Encoding.Latin1.GetBytes(data);
        Assert.Contains(words, Assert.Throws<DataFormatException>(() => ImageSample.Decode(bytes)).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Sizes_above_the_limits_are_refused_before_memory_is_taken()
    {
        var jpeg = ImageSample.Find(JpegSamples.All, "Baseline420").File;
        var frame = jpeg.AsSpan().IndexOf((ReadOnlySpan<byte>)[0xFF, 0xC0]);
        jpeg.AsSpan(frame + 5, 4).Fill(0x7F);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Contains("32639 x 32639", Assert.Throws<DataFormatException>(() => ImageDecoder.Decode(jpeg)).Reason, StringComparison.Ordinal);
        Assert.Throws<DataFormatException>(() => ImageDecoder.Decode("P6 30000 30000 255\n"u8));
        Assert.Throws<DataFormatException>(() => ImageDecoder.Decode(ImageSample.Find(PngSamples.All, "Rgb8").File, new ImageLimits { MaxSide = 8 }));
        Assert.Throws<DataFormatException>(() => ImageDecoder.Decode(ImageSample.Find(BmpSamples.All, "Rgb24").File, new ImageLimits { MaxPixels = 65 }));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4_000_000);
    }
}
