using System.Buffers.Binary;
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
    public void A_flipped_bit_in_any_chunk_is_refused()
    {
        var file = PngSamples.All[0].File;
        for (var i = 8; i < file.Length; i++)
        {
            var damaged = (byte[])file.Clone();
            damaged[i] ^= 0x10;
            Assert.Throws<DataFormatException>(() => ImageSample.Decode(damaged));
        }
    }

    [Fact]
    public void Every_prefix_is_refused()
    {
        var file = PngSamples.All[5].File;
        for (var length = 0; length < file.Length; length++)
        {
            Assert.Throws<DataFormatException>(() => ImageSample.Decode(file.AsSpan(0, length)));
        }
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
