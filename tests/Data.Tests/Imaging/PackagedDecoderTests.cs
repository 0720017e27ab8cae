using IlgpuSpp.Data.Imaging;

namespace IlgpuSpp.Data.Tests.Imaging;

public sealed class PackagedDecoderTests
{
    private static readonly IReadOnlyList<ImageSample> All = [.. BmpSamples.All, .. PackagedSamples.All];

    public static TheoryData<string> Samples => ImageSample.Names(All);

    [Theory]
    [MemberData(nameof(Samples))]
    public void Pixels_equal_those_of_independent_programs(string name) => ImageSample.Find(All, name).AssertDecodes();

    [Theory]
    [MemberData(nameof(Samples))]
    public void A_file_cut_short_is_refused(string name)
    {
        // Half of a file, but less where the first half holds all pixels: two frames of GIF, the 26 bytes at the end of a TGA.
        byte[] file = ImageSample.Find(All, name).File;
        int half = name is "GifAnimated" ? file.Length / 4 : name.StartsWith("Tga", StringComparison.Ordinal) ? (18 + file.Length - 26) / 2 : file.Length / 2;
        DataFormatException error = Assert.Throws<DataFormatException>(() => ImageSample.Decode(file.AsSpan(0, half)));
        Assert.StartsWith("truncated", error.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void The_size_is_read_without_decoding()
    {
        foreach (ImageSample sample in All.Concat(PngSamples.All).Concat(JpegSamples.All))
            Assert.Equal((sample.Width, sample.Height), ImageDecoder.ReadHeader(sample.File, null).Upright);
    }

    [Fact]
    public void Few_bytes_that_announce_many_pixels_are_refused()
    {
        byte[] webp = ImageSample.Find(All, "WebPLossless").File;
        int frame = webp.AsSpan().IndexOf("VP8L"u8) + 9;
        webp.AsSpan(frame, 3).Fill(0xFF);
        Assert.Contains("bytes cannot hold", Assert.Throws<DataFormatException>(() => ImageSample.Decode(webp)).Reason, StringComparison.Ordinal);
    }

    // 115 bytes for which the package takes a gigabyte.
    [Fact]
    public void Few_bytes_that_announce_many_groups_of_codes_are_refused()
    {
        const string Claim = "UklGRmsAAABXRUJQVlA4TE4AAAAvCMABEJnOd6+mkVZQOEwqAAAALwbAAACZMkT0PzYR0f+AggBkGCeH/kXZKihI24DF3ROwOYgJAHw1A9YPRVhJRhoAAABNTQAqAAAACAABARIAAwAAAAEABgAAAAAAAA==";
        Assert.StartsWith("corrupt WebP", Refusal(Convert.FromBase64String(Claim)), StringComparison.Ordinal);

        // By RFC 9649: no transform, no cache, groups for blocks of 4 pixels of 8x4; their indices from codes of one word each but
        // the green's, of the words 0 and 3, and four groups of five codes of one word 0 each take 80 bits.
        string indices = Bits("0 0 1 000 0") + Bits("1 1 0 0 11000000") + string.Concat(Enumerable.Repeat(Bits("1 0 0 0"), 4)) + Bits("0 1"), groups = string.Concat(Enumerable.Repeat("1000", 20));
        RgbImage image = ImageSample.Decode(Lossless(8, 4, indices + groups));
        Assert.Equal((8, 4), (image.Width, image.Height));
        string most = Bits("0 0 1 000 0") + string.Concat(Enumerable.Repeat(Bits("1 0 1 11111111"), 2)) + string.Concat(Enumerable.Repeat(Bits("1 0 0 0"), 3));
        Assert.Contains("65536 groups of codes, more than any image needs", Refusal(Lossless(8, 4, most + groups)), StringComparison.Ordinal);
        Assert.Contains("4 groups of codes, more than", Refusal(Lossless(8, 4, indices + groups[..^12])), StringComparison.Ordinal);

        static string Bits(string text) => text.Replace(" ", "", StringComparison.Ordinal);
        static byte[] Lossless(int width, int height, string bits)
        {
            byte[] data = [0x2F, .. BitConverter.GetBytes(width - 1 | height - 1 << 14), .. bits.Chunk(8).Select(eight => (byte)eight.Select((bit, i) => bit - '0' << i).Sum())];
            byte[] chunk = [.. "VP8L"u8, .. BitConverter.GetBytes(data.Length), .. data, .. new byte[data.Length & 1]];
            return [.. "RIFF"u8, .. BitConverter.GetBytes(chunk.Length + 4), .. "WEBP"u8, .. chunk];
        }
    }

    [Fact]
    public void Lossless_images_of_many_groups_of_codes_are_read()
    {
        using var drawn = new SixLabors.ImageSharp.Image<SixLabors.ImageSharp.PixelFormats.Rgb24>(320, 240);
        var random = new Random(5);
        drawn.ProcessPixelRows(rows =>
        {
            for (int y = 0; y < rows.Height; y++)
                for (int x = 0; x < rows.Width; x++)
                {
                    int area = x / 40 + y / 30 * 8, spread = 1 + area * 4;
                    rows.GetRowSpan(y)[x] = new((byte)random.Next(spread), (byte)(area + random.Next(spread)), (byte)random.Next(256));
                }
        });
        using var file = new MemoryStream();
        SixLabors.ImageSharp.ImageExtensions.SaveAsWebp(drawn, file, new SixLabors.ImageSharp.Formats.Webp.WebpEncoder { FileFormat = SixLabors.ImageSharp.Formats.Webp.WebpFileFormatType.Lossless });
        var pixels = new byte[320 * 240 * 3];
        drawn.CopyPixelDataTo(pixels);
        Assert.Equal(pixels, ImageSample.Decode(file.ToArray()).Pixels);
    }

    [Fact]
    public void Variants_that_would_be_read_wrong_are_refused()
    {
        Assert.Contains("animation", Refusal(Convert.FromBase64String(PackagedSamples.AnimatedWebP)), StringComparison.Ordinal);

        byte[] masks = ImageSample.Find(All, "BitFields565").File;
        masks.AsSpan(54, 4).Clear();
        masks[55] = 0x0F;
        Assert.Contains("colour mask of 00000F00", Refusal(masks), StringComparison.Ordinal);

        // In four columns: a row of one run, an empty row, the end.
        byte[] runs = ImageSample.Find(All, "RunLength8").File[..118];
        runs[18] = 4;
        Assert.Contains("an empty row", Refusal([.. runs, 4, 1, 0, 0, 0, 0, 4, 1, 0, 1]), StringComparison.Ordinal);
        Assert.Contains("leaves the image", Refusal([.. runs, 5, 1, 0, 1]), StringComparison.Ordinal);
    }

    [Fact]
    public void Cut_pixels_are_refused()
    {
        byte[] file = ImageSample.Find(All, "Rgb24").File;
        Assert.StartsWith("truncated BMP", Refusal(file[..^8]), StringComparison.Ordinal);
    }

    [Fact]
    public void Refusals_speak_neither_of_the_package_nor_of_its_types()
    {
        var reasons = new HashSet<string>(StringComparer.Ordinal);
        var random = new Random(3);
        foreach (ImageSample sample in All)
        {
            for (int trial = 0; trial < 60; trial++)
            {
                byte[] damaged = sample.File;
                damaged[random.Next(2, damaged.Length)] ^= (byte)random.Next(1, 256);
                try
                {
                    _ = ImageSample.Decode(damaged);
                }
                catch (DataFormatException error)
                {
                    reasons.Add(error.Reason);
                }
            }
        }
        Assert.Contains(reasons, reason => reason.Contains("cannot be decoded", StringComparison.Ordinal));
        foreach (string reason in reasons)
        {
            foreach (string word in (string[])["ImageSharp", "SixLabors", "Exception", "stream", "ImageFormat", "pixel format", "\n"]) Assert.DoesNotContain(word, reason, StringComparison.OrdinalIgnoreCase);
        }
    }

    private static string Refusal(byte[] file) => Assert.Throws<DataFormatException>(() => ImageSample.Decode(file)).Reason;
}
