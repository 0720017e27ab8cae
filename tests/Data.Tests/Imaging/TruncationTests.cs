using System.Diagnostics;
using IlgpuSpp.Data.Imaging;

namespace IlgpuSpp.Data.Tests.Imaging;

/// <summary>Wherever a file is cut off, a decoder gives an image or a <see cref="DataFormatException"/>, soon; anything else fails the test.</summary>
public sealed class TruncationTests
{
    private static readonly ImageLimits Small = new() { MaxSide = 2000, MaxPixels = 1_000_000 };

    public static TheoryData<string> Kinds => new("Jpeg", "Png", "Bmp", "Gif", "Tga", "WebP", "Pnm");

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Every_prefix_decodes_or_is_refused(string kind)
    {
        int refused = 0;
        foreach (byte[] file in Files(kind))
        {
            int step = file.Length > 500 ? 3 : 1;
            for (int length = 0; length < file.Length; length += step) refused += Try(file.AsSpan(0, length)) ? 0 : 1;
        }
        Assert.True(refused > 100, $"only {refused} prefixes were refused");
    }

    private static byte[][] Files(string kind) => kind switch
    {
        "Jpeg" => [.. JpegSamples.All.Select(sample => sample.File)],
        "Png" => [.. PngSamples.All.Select(sample => sample.File)],
        "Bmp" => [.. BmpSamples.All.Select(sample => sample.File)],
        "Pnm" =>
        [
            [.. "P1 9 9\n"u8, .. Enumerable.Repeat((byte)'1', 81)],
            [.. "P5 9 9 255\n"u8, .. Enumerable.Range(0, 81).Select(i => (byte)i)],
            [.. "P6 5 5 255\n"u8, .. Enumerable.Range(0, 75).Select(i => (byte)i)],
            [.. "P2 4 4 99 1 23 45 67 89 1 2 3 4 5 6 7 8 9 10 11 "u8],
        ],
        _ => [.. PackagedSamples.All.Where(sample => sample.Name.StartsWith(kind, StringComparison.Ordinal)).Select(sample => sample.File)],
    };

    private static bool Try(ReadOnlySpan<byte> file)
    {
        var clock = Stopwatch.StartNew();
        try
        {
            var image = ImageDecoder.Decode(file, Small);
            Assert.Equal(image.Width * image.Height * 3, image.Pixels.Length);
            return true;
        }
        catch (DataFormatException exception)
        {
            Assert.DoesNotContain('\n', exception.Message);
            return false;
        }
        finally
        {
            Assert.InRange(clock.Elapsed.TotalSeconds, 0, 60);
        }
    }
}
