using System.Text;

namespace IlgpuSpp.Data.Tests.Imaging;

/// <summary>Files written out by hand after the Netpbm format pages.</summary>
public sealed class PnmDecoderTests
{
    public static TheoryData<string, int, int, int[]> Plain => new()
    {
        { "P1\n# a comment\n3 2\n1 0 1\n0 1 0\n", 3, 2, [0, 0, 0, 255, 255, 255, 0, 0, 0, 255, 255, 255, 0, 0, 0, 255, 255, 255] },
        { "P1 3 2 101010", 3, 2, [0, 0, 0, 255, 255, 255, 0, 0, 0, 255, 255, 255, 0, 0, 0, 255, 255, 255] },
        { "P2\n2 2 # size\n15\n0 5\n10 15", 2, 2, [0, 0, 0, 85, 85, 85, 170, 170, 170, 255, 255, 255] },
        { "P2 2 1 65535 32768 65535", 2, 1, [128, 128, 128, 255, 255, 255] },
        { "P3 2 1 255\n1 2 3 # one\n4 5 6", 2, 1, [1, 2, 3, 4, 5, 6] },
        { "P5 3 1 255\n abc"[..^3] + "b!", 3, 1, [32, 32, 32, 98, 98, 98, 33, 33, 33] },
        { "P6\n1 2\n255\nABCabc", 1, 2, [65, 66, 67, 97, 98, 99] },
        { "P6 1 1 126\n~?\0", 1, 1, [255, 128, 0] },
    };

    [Theory]
    [MemberData(nameof(Plain))]
    public void Pixels_follow_the_format(string file, int width, int height, int[] pixels)
    {
        var image = ImageSample.Decode(Encoding.Latin1.GetBytes(file));
        Assert.Equal((width, height), (image.Width, image.Height));
        Assert.Equal(pixels, image.Pixels.Select(value => (int)value));
    }

    [Fact]
    public void Raw_bits_are_packed_by_row()
    {
        byte[] file = [.. "P4 9 2\n"u8, 0b1010_1010, 0b1000_0000, 0b0101_0101, 0];
        var image = ImageSample.Decode(file);
        for (var i = 0; i < 18; i++)
        {
            int x = i % 9, y = i / 9;
            Assert.Equal((x + y) % 2 == 0 ? 0 : 255, image.Pixels[3 * i]);
        }
    }

    [Fact]
    public void Raw_samples_above_255_take_two_bytes()
    {
        byte[] file = [.. "P5 2 1 1023\n"u8, 0x03, 0xFF, 0x02, 0x00];
        Assert.Equal([255, 255, 255, 128, 128, 128], ImageSample.Decode(file).Pixels);
    }

    [Theory]
    [InlineData("P2 2 2 15 0 5 10", "truncated")]
    [InlineData("P2 1 1 15 16", "above the largest value")]
    [InlineData("P6 2 2 255\nabc", "truncated")]
    [InlineData("P1 1 1 2", "in place of a bit")]
    [InlineData("P5 x 1 255\n", "width is not a number")]
    [InlineData("P5 1 1 70000\n", "70000")]
    [InlineData("P5 99999999999 1 255\n", "width is not a number")]
    [InlineData("P5 0 1 255\n", "0 x 1")]
    public void Malformed_files_are_refused(string file, string words)
    {
        Assert.Contains(words, Assert.Throws<DataFormatException>(() => ImageSample.Decode(Encoding.Latin1.GetBytes(file))).Reason, StringComparison.Ordinal);
    }
}
