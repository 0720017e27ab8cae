using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using IlgpuSpp.Data.Imaging;
using IlgpuSpp.Data.Imaging.Png;

namespace IlgpuSpp.Data.Tests.Imaging;

public sealed class PngDecoderTests
{
    public static TheoryData<string> Samples => ImageSample.Names(PngSamples.All);

    [Theory]
    [MemberData(nameof(Samples))]
    public void Pixels_equal_those_written(string name) => ImageSample.Find(PngSamples.All, name).AssertDecodes();

    [Fact]
    public void A_flipped_bit_is_refused_or_mended_with_a_warning()
    {
        ImageSample sample = PngSamples.All[0];
        int mended = 0;
        for (int i = 8; i < sample.File.Length; i++)
        {
            byte[] damaged = sample.File;
            damaged[i] ^= 0x10;
            try
            {
                RgbImage image = ImageSample.Decode(damaged);
                Assert.Equal(sample.PixelHash, ImageSample.Hash(image.Pixels));
                Assert.NotNull(image.Warning);
                mended++;
            }
            catch (DataFormatException)
            {
            }
        }
        // Content and checksum of the text chunk, type and checksum of the end chunk.
        Assert.InRange(mended, 10, 30);
    }

    [Fact]
    public void Every_prefix_without_all_pixels_is_refused()
    {
        ImageSample sample = PngSamples.All[5];
        Assert.Null(ImageSample.Decode(sample.File).Warning);
        int decoded = 0;
        for (int length = 0; length < sample.File.Length; length++)
        {
            try
            {
                RgbImage image = ImageSample.Decode(sample.File.AsSpan(0, length));
                Assert.Equal(sample.PixelHash, ImageSample.Hash(image.Pixels));
                Assert.NotNull(image.Warning);
                decoded++;
            }
            catch (DataFormatException error)
            {
                Assert.StartsWith(length < 8 ? "" : "truncated PNG", error.Reason, StringComparison.Ordinal);
            }
        }
        // The checksums of the last two chunks, the end chunk's twelve bytes less one, and what zlib needs least at its end.
        Assert.InRange(decoded, 12, 40);
    }

    /// <summary>As Pillow and browsers read them: without the end chunk, and with a wrong checksum of a text chunk.</summary>
    [Fact]
    public void A_missing_end_and_a_wrong_checksum_of_text_are_mended()
    {
        ImageSample sample = ImageSample.Find(PngSamples.All, "Rgb8");
        RgbImage image = ImageSample.Decode(sample.File.AsSpan()[..^12]);
        Assert.Equal(sample.PixelHash, ImageSample.Hash(image.Pixels));
        Assert.Equal("the PNG ends without its end chunk", image.Warning);

        byte[] text = WithChunk(sample.File, "tEXt", [.. "key\0value"u8]);
        Assert.Null(ImageSample.Decode(text).Warning);
        text[33 + 8 + 9] ^= 1;
        image = ImageSample.Decode(text);
        Assert.Equal(sample.PixelHash, ImageSample.Hash(image.Pixels));
        Assert.Contains("wrong checksum", image.Warning, StringComparison.Ordinal);
    }

    public static TheoryData<string, byte[]> Orientations => new()
    {
        { "eXIf", [.. "II*\0"u8, 8, 0, 0, 0, 1, 0, 0x12, 0x01, 3, 0, 1, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0] },
        { "tEXt", [.. "Raw profile type exif\0\nexif\n      32\n"u8, .. "457869660000\n49492a00080000000100120103000100000006000000\n00000000\n"u8] },
        { "zTXt", [.. "Raw profile type APP1\0\0"u8, .. Deflated("\napp1\n      32\n45786966000049492A0008000000010012010300010000000600000000000000\n")] },
        { "iTXt", [.. "XML:com.adobe.xmp\0\0\0\0\0"u8, .. "<x:xmpmeta><rdf:Description tiff:Orientation=\"6\"/></x:xmpmeta>"u8] },
        { "iTXt", [.. "XML:com.adobe.xmp\0\u0001\0en\0\0"u8, .. Deflated("<rdf:Description><tiff:Orientation>6</tiff:Orientation></rdf:Description>")] },
    };

    [Theory]
    [MemberData(nameof(Orientations))]
    public void The_orientation_is_applied_whatever_chunk_gives_it(string type, byte[] chunk)
    {
        ImageSample sample = ImageSample.Find(PngSamples.All, "Rgb8");
        byte[] file = WithChunk(sample.File, type, chunk);
        RgbImage stored = ImageSample.Decode(sample.File), upright = ImageSample.Decode(file);
        Assert.Equal((stored.Height, stored.Width), (upright.Width, upright.Height));
        Assert.Equal(new ImageHeader(stored.Width, stored.Height, 6), ImageDecoder.ReadHeader(file, null));
        // Orientation 6: the first row stored is the last column.
        Assert.Equal(stored.Row(0)[..3].ToArray(), upright.Row(0)[^3..].ToArray());
        Assert.Equal(stored.Row(0)[^3..].ToArray(), upright.Row(upright.Height - 1)[^3..].ToArray());
    }

    private static byte[] Deflated(string text)
    {
        var target = new MemoryStream();
        using (var zlib = new ZLibStream(target, CompressionLevel.Optimal, leaveOpen: true)) zlib.Write(Encoding.ASCII.GetBytes(text));
        return target.ToArray();
    }

    // Behind the header, which ends at byte 33.
    private static byte[] WithChunk(byte[] file, string type, byte[] content)
    {
        byte[] length = new byte[4], check = new byte[4], body = [.. Encoding.ASCII.GetBytes(type), .. content];
        BinaryPrimitives.WriteInt32BigEndian(length, content.Length);
        BinaryPrimitives.WriteUInt32BigEndian(check, Crc32.Compute(body));
        return [.. file[..33], .. length, .. body, .. check, .. file[33..]];
    }

    /// <summary>The check value of CRC-32 in the catalogue of parametrised CRC algorithms.</summary>
    [Fact]
    public void Checksum_has_the_published_check_value() => Assert.Equal(0xCBF43926u, Crc32.Compute("123456789"u8));

    [Fact]
    public void A_size_that_the_data_cannot_fill_is_refused_before_memory_is_taken()
    {
        var file = ImageSample.Find(PngSamples.All, "Rgb8").File;
        BinaryPrimitives.WriteInt32BigEndian(file.AsSpan(16), 14000);
        BinaryPrimitives.WriteInt32BigEndian(file.AsSpan(20), 14000);
        BinaryPrimitives.WriteUInt32BigEndian(file.AsSpan(29), Crc32.Compute(file.AsSpan(12, 17)));
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Contains("14000 x 14000", Assert.Throws<DataFormatException>(() => ImageSample.Decode(file)).Reason, StringComparison.Ordinal);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000_000);
    }
}
