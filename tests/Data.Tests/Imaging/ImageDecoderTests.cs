using IlgpuSpp.Data.Imaging;

namespace IlgpuSpp.Data.Tests.Imaging;

public sealed class ImageDecoderTests
{
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
            Assert.StartsWith("not an image: it looks like a web page or XML", exception.Reason, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Theory]
    [InlineData("", "empty")]
    [InlineData("II*\0\u0008\0\0\0", "a TIFF image")]
    [InlineData("root:x:0:0:root:/root:/bin/bash\n", "looks like text")]
    [InlineData("%PDF-1.7\n", "looks like a PDF")]
    [InlineData("\0\u0001\u0002\u0003", "no known kind of data")]
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
