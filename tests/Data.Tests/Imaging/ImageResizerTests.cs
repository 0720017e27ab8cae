using System.Runtime.InteropServices;
using IlgpuSpp.Data.Imaging;

namespace IlgpuSpp.Data.Tests.Imaging;

public sealed class ImageResizerTests
{
    private static RgbImage Source => new(13, 11, ResizeSamples.Source);

    public static TheoryData<int, int, ResizeFilter, byte[]> Levels => new()
    {
        { 7, 5, ResizeFilter.Bilinear, ResizeSamples.OpenCv7x5 },
        { 20, 17, ResizeFilter.Bilinear, ResizeSamples.OpenCv20x17 },
        { 4, 9, ResizeFilter.Bilinear, ResizeSamples.OpenCv4x9 },
        { 13, 11, ResizeFilter.Bilinear, ResizeSamples.OpenCv13x11 },
        { 7, 5, ResizeFilter.BilinearAntialias, ResizeSamples.Pillow7x5 },
        { 20, 17, ResizeFilter.BilinearAntialias, ResizeSamples.Pillow20x17 },
        { 4, 9, ResizeFilter.BilinearAntialias, ResizeSamples.Pillow4x9 },
        { 13, 11, ResizeFilter.BilinearAntialias, ResizeSamples.Pillow13x11 },
    };

    [Theory]
    [MemberData(nameof(Levels))]
    public void Levels_are_within_one_of_OpenCV_and_Pillow(int width, int height, ResizeFilter filter, byte[] expected)
    {
        var image = ImageResizer.Resize(Source, width, height, filter);
        Assert.Equal(expected.Length, image.Pixels.Length);
        for (var i = 0; i < expected.Length; i++) Assert.InRange(image.Pixels[i] - expected[i], -1, 1);
    }

    [Fact]
    public void A_single_channel_of_floats_equals_OpenCV_and_Pillow()
    {
        var source = new float[13 * 11];
        for (var i = 0; i < source.Length; i++) source[i] = ResizeSamples.Source[3 * i] / 3f;

        var result = new float[30];
        ImageResizer.Resize(source, 13, 11, 1, 6, 5, ResizeFilter.Bilinear, result);
        AssertClose(ResizeSamples.OpenCvFloat6x5, result);
        ImageResizer.Resize(source, 13, 11, 1, 6, 5, ResizeFilter.BilinearAntialias, result);
        AssertClose(ResizeSamples.PillowFloat6x5, result);
    }

    [Fact]
    public void Aligned_corners_equal_NumPy_interpolation()
    {
        var small = new float[6 * 5 * 3];
        ImageResizer.ResizeToFloat(Source, PixelRegion.Whole(Source), 6, 5, ResizeFilter.BilinearAlignCorners, small);
        AssertClose(ResizeSamples.Aligned6x5, small);

        var large = new float[20 * 17 * 3];
        ImageResizer.ResizeToFloat(Source, PixelRegion.Whole(Source), 20, 17, ResizeFilter.BilinearAlignCorners, large);
        var sums = MemoryMarshal.Cast<byte, double>(ResizeSamples.Aligned20x17Checksum);
        for (var c = 0; c < 3; c++)
            Assert.Equal(sums[c], large.Where((_, i) => i % 3 == c).Sum(value => (double)value), 0.05);
    }

    [Fact]
    public void A_region_of_whole_pixels_equals_cropping_first()
    {
        var result = new float[5 * 4 * 3];
        ImageResizer.ResizeToFloat(Source, new PixelRegion(3, 2, 9, 7), 5, 4, ResizeFilter.BilinearAntialias, result);
        AssertClose(ResizeSamples.PillowCrop5x4, result);
    }

    [Fact]
    public void A_fractional_region_equals_Pillow_box_of_the_pixels_touched()
    {
        var result = new float[5 * 4 * 3];
        ImageResizer.ResizeToFloat(Source, new PixelRegion(1.25, 0.5, 10.5, 9.25), 5, 4, ResizeFilter.BilinearAntialias, result);
        AssertClose(ResizeSamples.PillowBox5x4, result);
    }

    [Theory]
    [InlineData(ResizeFilter.Bilinear)]
    [InlineData(ResizeFilter.BilinearAntialias)]
    [InlineData(ResizeFilter.BilinearAlignCorners)]
    public void Byte_and_float_sources_agree_and_constants_stay(ResizeFilter filter)
    {
        // Wide enough for the vector loops.
        var image = new RgbImage(67, 45);
        new Random(3).NextBytes(image.Pixels);
        var floats = Array.ConvertAll(image.Pixels, value => (float)value);
        float[] fromBytes = new float[31 * 29 * 3], fromFloats = new float[31 * 29 * 3];
        ImageResizer.ResizeToFloat(image, PixelRegion.Whole(image), 31, 29, filter, fromBytes);
        ImageResizer.Resize(floats, 67, 45, 3, 31, 29, filter, fromFloats);
        Assert.Equal(fromFloats, fromBytes);

        Array.Fill(image.Pixels, (byte)201);
        Assert.All(ImageResizer.Resize(image, 100, 9, filter).Pixels, value => Assert.Equal(201, value));
        Assert.All(ImageResizer.Resize(image, 1, 1, filter).Pixels, value => Assert.Equal(201, value));
    }

    [Fact]
    public void Arguments_are_checked()
    {
        var result = new float[12];
        Assert.Throws<ArgumentOutOfRangeException>(() => ImageResizer.Resize(Source, 0, 4, ResizeFilter.Bilinear));
        Assert.Throws<ArgumentOutOfRangeException>(() => ImageResizer.ResizeToFloat(Source, new PixelRegion(4, 0, 10, 11), 2, 2, ResizeFilter.Bilinear, result));
        Assert.Throws<ArgumentOutOfRangeException>(() => ImageResizer.ResizeToFloat(Source, new PixelRegion(0, 0, double.NaN, 11), 2, 2, ResizeFilter.Bilinear, result));
        Assert.Throws<ArgumentException>(() => ImageResizer.ResizeToFloat(Source, PixelRegion.Whole(Source), 2, 3, ResizeFilter.Bilinear, result));
        Assert.Throws<ArgumentException>(() => new RgbImage(2, 2, new byte[11]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new RgbImage(30000, 30000));
    }

    private static void AssertClose(byte[] expected, float[] actual)
    {
        var values = MemoryMarshal.Cast<byte, float>(expected);
        Assert.Equal(values.Length, actual.Length);
        for (var i = 0; i < actual.Length; i++) Assert.InRange(actual[i] - values[i], -2e-3f, 2e-3f);
    }
}
