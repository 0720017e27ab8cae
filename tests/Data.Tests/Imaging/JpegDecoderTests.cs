using IlgpuSpp.Data.Imaging;
using IlgpuSpp.Data.Imaging.Jpeg;

namespace IlgpuSpp.Data.Tests.Imaging;

public sealed class JpegDecoderTests
{
    public static TheoryData<string> Samples => ImageSample.Names(JpegSamples.All);

    private static ImageSample Half => ImageSample.Find(JpegSamples.All, "Baseline420");

    [Theory]
    [MemberData(nameof(Samples))]
    public void Pixels_equal_libjpeg_turbo(string name) => ImageSample.Find(JpegSamples.All, name).AssertDecodes();

    // What djpeg -scale 1/2, 1/4 and 1/8 -dct int gives for the same files.
    [Theory]
    [InlineData("AdobeCmyk", "658edb62ad488a4d", "00575e3001874107", "cf0924ed81849170")]
    [InlineData("AdobeYcck", "4dc22395cf22abb0", "e70b2d27d54ca6db", "954e1f03c2dbf42d")]
    [InlineData("Baseline410", "5b30f0cbf462cae5", "ce0020cb12b433c3", "7d58951fa93f8745")]
    [InlineData("Baseline411", "38abe9fbec6d5b30", "7f3d8cedb3bea923", "e84218c0c5c173b9")]
    [InlineData("Baseline420", "a2994e8180202acb", "e87e584996e50ed1", "5b6d6b74b1f9bb3a")]
    [InlineData("Baseline422", "93fd6a326d4e1b89", "09f14405a0579f80", "1f9371a518a76bfe")]
    [InlineData("Baseline440", "829bda50aa962628", "c717bef6e8ab5511", "30abb01b4e3b292c")]
    [InlineData("Baseline444", "a6778c480f6c4118", "b67082e171e2dea3", "9c39460b8bfbea96")]
    [InlineData("ChromaDenser", "e5164d3ddc3946b4", "71b33d121002b99a", "7a4a3d52a48907ae")]
    [InlineData("Grey", "ec9d9cc48c55efac", "d4a886854ec2cc55", "00897eb8d8a9fd9c")]
    [InlineData("GreyProgressive", "ec9d9cc48c55efac", "d4a886854ec2cc55", "00897eb8d8a9fd9c")]
    [InlineData("LowQuality16BitTables", "d7bc40e1e7f040db", "01e670fae3cf95c2", "59d7fff3f6b2ade8")]
    [InlineData("Optimised", "a2994e8180202acb", "e87e584996e50ed1", "5b6d6b74b1f9bb3a")]
    [InlineData("PlainCmyk", "658edb62ad488a4d", "00575e3001874107", "cf0924ed81849170")]
    [InlineData("Progressive420", "a2994e8180202acb", "e87e584996e50ed1", "5b6d6b74b1f9bb3a")]
    [InlineData("Progressive444", "6f8db97b0398f54a", "3eae51e164b511fc", "287d056f5877c872")]
    [InlineData("ProgressiveRestart", "93fd6a326d4e1b89", "09f14405a0579f80", "1f9371a518a76bfe")]
    [InlineData("Restart420", "a2994e8180202acb", "e87e584996e50ed1", "5b6d6b74b1f9bb3a")]
    [InlineData("RestartBlocks", "93fd6a326d4e1b89", "09f14405a0579f80", "1f9371a518a76bfe")]
    [InlineData("Rgb", "1bc00de88cb21f23", "53e10759431dc447", "435d9718563a6723")]
    [InlineData("SeparateScans", "a2994e8180202acb", "e87e584996e50ed1", "5b6d6b74b1f9bb3a")]
    [InlineData("Size1x1", "44408b374ed04608", "44408b374ed04608", "44408b374ed04608")]
    [InlineData("Size2x3", "5da0ed0b6e569658", "441ef0d07419ded9", "228693d1ecdb6418")]
    [InlineData("Size3x2", "2d960428e1d5802c", "0277778e6c5e9193", "9e27bc88c8bea87c")]
    [InlineData("Size5x17", "09a79bfc2303fe4d", "e61cdbf2e7531ce4", "eeb7b24da2b75f5d")]
    [InlineData("Small", "ce97b50a2439fde2", "20d8115a0ed3b4a2", "260aa921d663e237")]
    public void Reduced_pixels_equal_libjpeg_turbo(string name, string half, string quarter, string eighth)
    {
        ImageSample sample = ImageSample.Find(JpegSamples.All, name);
        int side = Math.Min(sample.Width, sample.Height);
        foreach ((int reduction, string hash) in ((int, string)[])[(2, half), (4, quarter), (8, eighth)])
        {
            int least = (side + reduction - 1) / reduction;
            // Sides of one pixel hold at every reduction.
            if (least == 1 && reduction < 8) continue;
            RgbImage image = ImageDecoder.Decode(sample.File, null, "sample", least);
            Assert.Equal(((sample.Width + reduction - 1) / reduction, (sample.Height + reduction - 1) / reduction), (image.Width, image.Height));
            Assert.Equal(hash, ImageSample.Hash(image.Pixels));
        }
        // One pixel more than a half has: the whole image.
        Assert.Equal(sample.PixelHash, ImageSample.Hash(ImageDecoder.Decode(sample.File, null, "sample", (side + 1) / 2 + 1).Pixels));
    }

    [Theory]
    [InlineData(1, 11, 7, "42bed598debdde4f")]
    [InlineData(2, 11, 7, "0fabd922fc681ca8")]
    [InlineData(3, 11, 7, "1d137af4741ea989")]
    [InlineData(4, 11, 7, "798787c58ed3e666")]
    [InlineData(5, 7, 11, "d5fb3b29fd63c0b5")]
    [InlineData(6, 7, 11, "98e32373253a9dd0")]
    [InlineData(7, 7, 11, "c8a582dc89c9279c")]
    [InlineData(8, 7, 11, "5594112c9fb171b7")]
    public void Exif_orientation_equals_Pillow_exif_transpose(byte orientation, int width, int height, string hash)
    {
        byte[][] exifs =
        [
            [0xFF, 0xE1, 0, 34, .. "Exif\0\0"u8, .. "II*\0"u8, 8, 0, 0, 0, 1, 0, 0x12, 0x01, 3, 0, 1, 0, 0, 0, orientation, 0, 0, 0, 0, 0, 0, 0],
            [0xFF, 0xE1, 0, 34, .. "Exif\0\0"u8, .. "MM\0*"u8, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0, 0, 0, 0, 0],
        ];
        var file = ImageSample.Find(JpegSamples.All, "Small").File;
        foreach (var exif in exifs)
        {
            byte[] tagged = [.. file[..2], .. exif, .. file[2..]];
            var image = ImageSample.Decode(tagged);
            Assert.Equal((width, height), (image.Width, image.Height));
            Assert.Equal(hash, ImageSample.Hash(image.Pixels));
            Assert.Equal(new ImageHeader(11, 7, orientation), ImageDecoder.ReadHeader(tagged, null));
        }
    }

    [Fact]
    public void Height_may_follow_in_a_line_count_segment()
    {
        var file = Half.File;
        var frame = file.AsSpan().IndexOf((ReadOnlySpan<byte>)[0xFF, 0xC0]);
        byte[] height = [file[frame + 5], file[frame + 6]];
        file[frame + 5] = file[frame + 6] = 0;
        byte[] moved = [.. file[..^2], 0xFF, 0xDC, 0, 4, .. height, 0xFF, 0xD9];
        Assert.Equal(Half.PixelHash, ImageSample.Hash(ImageSample.Decode(moved).Pixels));
    }

    [Theory]
    [InlineData("Baseline420")]
    [InlineData("Progressive420")]
    public void A_missing_end_marker_costs_nothing(string name)
    {
        var sample = ImageSample.Find(JpegSamples.All, name);
        Assert.Equal(sample.PixelHash, ImageSample.Hash(ImageSample.Decode(sample.File.AsSpan()[..^2]).Pixels));
    }

    [Theory]
    [InlineData("Baseline420")]
    [InlineData("Progressive420")]
    [InlineData("SeparateScans")]
    public void Truncated_scans_are_refused(string name)
    {
        var file = ImageSample.Find(JpegSamples.All, name).File;
        foreach (var length in new[] { file.Length - 20, file.Length * 9 / 10 })
        {
            var exception = Assert.Throws<DataFormatException>(() => ImageSample.Decode(file.AsSpan(0, length)));
            Assert.StartsWith("truncated JPEG", exception.Reason, StringComparison.Ordinal);
            Assert.Equal("sample", exception.Path);
        }
    }

    [Fact]
    public void A_scan_cut_by_the_end_marker_is_refused()
    {
        var file = Half.File;
        byte[] cut = [.. file[..^30], 0xFF, 0xD9];
        Assert.StartsWith("corrupt JPEG", Assert.Throws<DataFormatException>(() => ImageSample.Decode(cut)).Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0xC9, 8, "arithmetic coding")]
    [InlineData(0xC3, 8, "lossless coding")]
    [InlineData(0xC5, 8, "hierarchical coding")]
    [InlineData(0xC1, 12, "12 bits a sample")]
    public void Unsupported_variants_are_named(byte marker, byte precision, string words)
    {
        var file = Half.File;
        var frame = file.AsSpan().IndexOf((ReadOnlySpan<byte>)[0xFF, 0xC0]);
        file[frame + 1] = marker;
        file[frame + 4] = precision;
        Assert.Contains(words, Assert.Throws<DataFormatException>(() => ImageSample.Decode(file)).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_wrong_restart_marker_is_refused()
    {
        var file = ImageSample.Find(JpegSamples.All, "Restart420").File;
        var marker = file.AsSpan().IndexOf((ReadOnlySpan<byte>)[0xFF, 0xD0]);
        file[marker + 1] = 0xD5;
        Assert.Contains("restart marker 0", Assert.Throws<DataFormatException>(() => ImageSample.Decode(file)).Reason, StringComparison.Ordinal);
    }

    /// <summary>Sampling of 3:2 interpolates chroma linearly between its sample centres, 1.5 pixels apart.</summary>
    [Fact]
    public void Fractional_sampling_interpolates()
    {
        // 24 x 8 pixels: luminance 3 x 1 blocks at 128, Cr 2 x 1 blocks at 128 - 64 and 128 + 64 with a step of 8, and Cb at 128.
        byte[] quant = [0xFF, 0xDB, 0, 67, 0, .. Enumerable.Repeat((byte)8, 64)];
        byte[] frame = [0xFF, 0xC0, 0, 17, 8, 0, 8, 0, 24, 3, 1, 0x31, 0, 2, 0x21, 0, 3, 0x21, 0];

        // DC codes: 0 for a difference of 0 bits, 10 for 7 bits, 110 for 8 bits; AC code: 0 for the end of block.
        byte[] dc = [0xFF, 0xC4, 0, 22, 0x00, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7, 8];
        byte[] ac = [0xFF, 0xC4, 0, 20, 0x10, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        byte[] scan = [0xFF, 0xDA, 0, 12, 3, 1, 0, 2, 0, 3, 0, 0, 63, 0];

        // DC = 8 x level / step: -64 is 10 0111111, the step of +128 up to +64 is 110 10000000.
        const string Bits = "00 00 00" + "00 00" + "1001111110" + "110100000000";
        var bits = Bits.Replace(" ", "", StringComparison.Ordinal).PadRight(32, '1');
        var coded = Enumerable.Range(0, 4).Select(i => Convert.ToByte(bits.Substring(i * 8, 8), 2));
        byte[] file = [0xFF, 0xD8, .. quant, .. frame, .. dc, .. ac, .. scan, .. coded, 0xFF, 0xD9];
        var image = ImageSample.Decode(file);
        for (var x = 0; x < 24; x++)
        {
            var position = Math.Clamp(((x + 0.5) * 2 / 3) - 0.5, 7, 8);
            var cr = -64 + (128 * (position - 7));
            Assert.InRange(image.Pixels[3 * x], 128 + (1.402 * cr) - 1.5, 128 + (1.402 * cr) + 1.5);
            Assert.InRange(image.Pixels[(3 * x) + 1], 128 - (0.71414 * cr) - 1.5, 128 - (0.71414 * cr) + 1.5);
            Assert.Equal(128, image.Pixels[(3 * x) + 2]);
        }
    }

    [Fact]
    public void Inverse_dct_stays_within_one_level_of_double_precision_and_its_versions_agree()
    {
        var random = new Random(5);
        Span<int> block = stackalloc int[64];
        Span<byte> vector = stackalloc byte[64], scalar = stackalloc byte[64];
        for (var trial = 0; trial < 500; trial++)
        {
            block.Clear();
            for (var n = random.Next(1, 20); n > 0; n--) block[random.Next(64)] = random.Next(-300, 300);

            JpegInverseDct.Transform(block, vector, 8, 8);
            JpegInverseDct.TransformScalar(block, scalar, 8);
            Assert.True(vector.SequenceEqual(scalar));
            for (var i = 0; i < 64; i++)
                Assert.InRange(vector[i] - Math.Clamp(Reference(block, i % 8, i / 8) + 128, 0, 255), -1, 1);
        }
    }

    [Fact]
    public void Colour_conversion_agrees_between_vector_and_scalar_code()
    {
        var random = new Random(6);
        var planes = new byte[3][];
        for (var i = 0; i < 3; i++)
        {
            planes[i] = new byte[77];
            random.NextBytes(planes[i]);
        }

        byte[] vector = new byte[77 * 3], scalar = new byte[77 * 3];
        JpegColour.YCbCrToRgb(planes[0], planes[1], planes[2], vector);
        JpegColour.YCbCrToRgbScalar(planes[0], planes[1], planes[2], scalar);
        Assert.Equal(scalar, vector);
    }

    /// <summary>T.81, A.3.3.</summary>
    private static double Reference(ReadOnlySpan<int> block, int x, int y)
    {
        double sum = 0;
        for (var v = 0; v < 8; v++)
        {
            for (var u = 0; u < 8; u++)
            {
                sum += (u == 0 ? Math.Sqrt(0.5) : 1) * (v == 0 ? Math.Sqrt(0.5) : 1) * block[(v * 8) + u]
                    * Math.Cos(((2 * x) + 1) * u * Math.PI / 16) * Math.Cos(((2 * y) + 1) * v * Math.PI / 16);
            }
        }

        return sum / 4;
    }
}
