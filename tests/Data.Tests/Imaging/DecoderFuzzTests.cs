using System.Diagnostics;
using System.Globalization;
using IlgpuSpp.Data.Imaging;

namespace IlgpuSpp.Data.Tests.Imaging;

/// <summary>Whatever the bytes, a decoder gives an image or a <see cref="DataFormatException"/>, soon; anything else fails the test.</summary>
public sealed class DecoderFuzzTests
{
    private static readonly ImageLimits Small = new() { MaxSide = 2000, MaxPixels = 1_000_000 };

    // A few hundred a format take seconds; ILGPUSPP_FUZZ=3000 or more asks for a longer search, which begins with the same ones.
    private static readonly int Mutants = int.TryParse(Environment.GetEnvironmentVariable("ILGPUSPP_FUZZ"), CultureInfo.InvariantCulture, out int mutants) ? mutants : 600;

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

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Damaged_files_decode_or_are_refused(string kind)
    {
        var random = new Random(11);
        byte[][] files = Files(kind);
        int refused = 0, decoded = 0;
        for (int trial = 0; trial < Mutants; trial++)
        {
            byte[] damaged = Mutate(files[trial % files.Length], random);
            if (kind == "Png") RepairChecksums(damaged);
            _ = Try(damaged) ? decoded++ : refused++;
        }
        // Both outcomes must have been reached, or the damage is not what it is meant to be.
        Assert.True(refused > Mutants / 20 && decoded > Mutants / 20, $"{refused} refused, {decoded} decoded");
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

    // Mostly a few bytes, sometimes a piece cut out or doubled, sometimes an extreme length.
    private static byte[] Mutate(byte[] file, Random random)
    {
        byte[] damaged = [.. file];
        for (int n = random.Next(1, 6); n > 0; n--) damaged[random.Next(2, damaged.Length)] = (byte)random.Next(256);
        int at = random.Next(2, damaged.Length), length = random.Next(1, 1 + Math.Min(40, damaged.Length - at));
        switch (random.Next(10))
        {
            case 0:
                return [.. damaged[..at], .. damaged[(at + length)..]];
            case 1:
                return [.. damaged[..(at + length)], .. damaged[at..]];
            case 2:
                damaged.AsSpan(at, Math.Min(4, length)).Fill(random.Next(2) == 0 ? byte.MaxValue : (byte)0);
                return damaged;
            default:
                return damaged;
        }
    }

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

    /// <summary>Writes the checksums anew, so that damage gets past them to the code behind.</summary>
    private static void RepairChecksums(byte[] png)
    {
        for (var at = 8; at + 12 <= png.Length;)
        {
            var length = System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(at));
            if (length < 0 || length > png.Length - at - 12) return;
            var check = IlgpuSpp.Data.Imaging.Png.Crc32.Compute(png.AsSpan(at + 4, length + 4));
            System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(png.AsSpan(at + 8 + length), check);
            at += 12 + length;
        }
    }
}
