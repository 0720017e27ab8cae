namespace IlgpuSpp.Data.Tests.Imaging;

public sealed class BmpDecoderTests
{
    public static TheoryData<string> Samples => ImageSample.Names(BmpSamples.All);

    [Theory]
    [MemberData(nameof(Samples))]
    public void Pixels_equal_those_written(string name) => ImageSample.Find(BmpSamples.All, name).AssertDecodes();

    [Fact]
    public void A_colour_outside_the_palette_is_refused()
    {
        var file = ImageSample.Find(BmpSamples.All, "Palette8").File;
        file[^12] = 250;
        Assert.Contains("colour 250", Assert.Throws<DataFormatException>(() => ImageSample.Decode(file)).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_that_leaves_the_image_is_refused()
    {
        var file = ImageSample.Find(BmpSamples.All, "RunLength8").File;
        var pixels = BitConverter.ToInt32(file, 10);
        file[pixels] = 14;
        Assert.Contains("leaves the image", Assert.Throws<DataFormatException>(() => ImageSample.Decode(file)).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Cut_pixels_are_refused()
    {
        var file = ImageSample.Find(BmpSamples.All, "Rgb24").File;
        Assert.StartsWith("truncated BMP", Assert.Throws<DataFormatException>(() => ImageSample.Decode(file.AsSpan()[..^8])).Reason, StringComparison.Ordinal);
    }
}
