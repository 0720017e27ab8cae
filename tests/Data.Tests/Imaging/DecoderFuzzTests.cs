using System.Diagnostics;
using IlgpuSpp.Data.Imaging;

namespace IlgpuSpp.Data.Tests.Imaging;

/// <summary>Whatever the bytes, a decoder gives an image or a <see cref="DataFormatException"/>, soon; anything else fails the test.</summary>
public sealed class DecoderFuzzTests
{
    private static readonly ImageLimits Small = new() { MaxSide = 2000, MaxPixels = 1_000_000 };

    public static TheoryData<string> Kinds => new("jpeg", "png", "bmp");

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Every_prefix_decodes_or_is_refused(string kind)
    {
        var refused = 0;
        foreach (var sample in Samples(kind))
        {
            var file = sample.File;
            var hurry = file.Length > 500 ? 3 : 1;
            for (var length = 0; length < file.Length; length += hurry)
            {
                refused += Try(file.AsSpan(0, length)) ? 0 : 1;
            }
        }

        Assert.True(refused > 100, $"only {refused} prefixes were refused");
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Flipped_bytes_decode_or_are_refused(string kind)
    {
        var random = new Random(11);
        int refused = 0, decoded = 0;
        foreach (var sample in Samples(kind))
        {
            var file = sample.File;
            for (var trial = 0; trial < 200; trial++)
            {
                var damaged = (byte[])file.Clone();
                for (var n = random.Next(1, 6); n > 0; n--)
                {
                    damaged[random.Next(2, damaged.Length)] = (byte)random.Next(256);
                }

                if (kind == "png")
                {
                    RepairChecksums(damaged);
                }

                _ = Try(damaged) ? decoded++ : refused++;
            }
        }

        // Both outcomes must have been reached, or the damage is not what it is meant to be.
        Assert.True(refused > 50 && decoded > 50, $"{refused} refused, {decoded} decoded");
    }

    private static IReadOnlyList<ImageSample> Samples(string kind) => kind switch
    {
        "jpeg" => JpegSamples.All,
        "png" => PngSamples.All,
        _ => BmpSamples.All,
    };

    private static bool Try(ReadOnlySpan<byte> file)
    {
        var clock = Stopwatch.StartNew();
        try
        {
            var image = BuiltInDecoder.Decode(file, Small, null);
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
            Assert.InRange(clock.Elapsed.TotalSeconds, 0, 5);
        }
    }

    /// <summary>Writes the checksums anew, so that damage gets past them to the code behind.</summary>
    private static void RepairChecksums(byte[] png)
    {
        for (var at = 8; at + 12 <= png.Length;)
        {
            var length = System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(at));
            if (length < 0 || length > png.Length - at - 12)
            {
                return;
            }

            var check = IlgpuSpp.Data.Imaging.Png.Crc32.Compute(png.AsSpan(at + 4, length + 4));
            System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(png.AsSpan(at + 8 + length), check);
            at += 12 + length;
        }
    }
}
