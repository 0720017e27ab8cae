using System.Buffers.Binary;
using IlgpuSpp.Data.Imaging;
using IlgpuSpp.Data.Tests.Imaging;

namespace IlgpuSpp.Fuzz;

/// <summary>Images of one format, decoded within limits: a header of a few bytes may rightly claim an image of any size below them.</summary>
internal sealed class ImageKind(string name, IReadOnlyList<byte[]> seeds) : FuzzKind
{
    private static readonly ImageLimits Limits = new() { MaxPixels = 4_000_000 };

    public static IEnumerable<ImageKind> All =>
    [
        new("jpeg", Files(JpegSamples.All)),
        new("png", Files(PngSamples.All)),
        new("bmp", Files(BmpSamples.All)),
        .. ((string[])["Gif", "WebP", "Tga"]).Select(format => new ImageKind(format.ToLowerInvariant(), Files(PackagedSamples.All.Where(sample => sample.Name.StartsWith(format, StringComparison.Ordinal))))),
        new("pnm",
        [
            [.. "P1 9 9\n"u8, .. Enumerable.Repeat((byte)'1', 81)],
            [.. "P4 9 9\n"u8, .. Enumerable.Repeat((byte)0x55, 18)],
            [.. "P5 9 9 255\n"u8, .. Enumerable.Range(0, 81).Select(i => (byte)i)],
            [.. "P5 # sixteen bits\n4 3 1000\n"u8, .. Enumerable.Range(0, 24).Select(i => (byte)(i % 2 == 0 ? 1 : i))],
            [.. "P6 5 5 255\n"u8, .. Enumerable.Range(0, 75).Select(i => (byte)i)],
            [.. "P2 4 4 99 1 23 45 67 89 1 2 3 4 5 6 7 8 9 10 11 "u8],
            [.. "P3\n2 2\n15\n1 2 3 4 5 6 7 8 9 10 11 12\n"u8],
        ]),
    ];

    public override string Name => name;

    public override string Extension => name == "jpeg" ? ".jpg" : name == "pnm" ? ".ppm" : "." + name;

    public override IReadOnlyList<byte[]> Seeds => seeds;

    public override void Read(byte[] file)
    {
        RgbImage image = ImageDecoder.Decode(file, Limits, "input");
        if (image.Pixels.Length != image.Width * image.Height * 3) throw new InvalidDataException($"{image.Width}x{image.Height} pixels in {image.Pixels.Length} bytes");
    }

    protected override byte[] Damage(byte[] file, Random random, Mutator mutator)
    {
        byte[] damaged = name == "pnm" && random.Next(2) == 0 ? mutator.Text(file) : mutator.Bytes(file);
        if (random.Next(8) == 0) return damaged;
        // The signature stays, or another decoder is chosen; TGA has none.
        if (name != "tga") file.AsSpan(0, Math.Min(2, Math.Min(file.Length, damaged.Length))).CopyTo(damaged);
        if (name == "png") MendChecksums(damaged);
        if (name == "webp" && damaged.Length >= 12) BinaryPrimitives.WriteInt32LittleEndian(damaged.AsSpan(4), damaged.Length - 8);
        return damaged;
    }

    private static byte[][] Files(IEnumerable<ImageSample> samples) => [.. samples.Select(sample => sample.File)];

    private static void MendChecksums(byte[] png)
    {
        for (int at = 8; at + 12 <= png.Length;)
        {
            int length = BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(at));
            if (length < 0 || length > png.Length - at - 12) return;
            BinaryPrimitives.WriteUInt32BigEndian(png.AsSpan(at + 8 + length), Data.Imaging.Png.Crc32.Compute(png.AsSpan(at + 4, length + 4)));
            at += 12 + length;
        }
    }
}
