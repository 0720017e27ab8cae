using System.Security.Cryptography;
using IlgpuSpp.Data.Imaging;

namespace IlgpuSpp.Data.Tests.Imaging;

/// <summary>A file and what an independent decoder makes of it.</summary>
/// <param name="Name">What the sample is an example of.</param>
/// <param name="Width">Width upright.</param>
/// <param name="Height">Height upright.</param>
/// <param name="PixelHash">The first 16 hexadecimal digits of the SHA-256 of the interleaved RGB pixels.</param>
/// <param name="Base64">The file.</param>
internal sealed record ImageSample(string Name, int Width, int Height, string PixelHash, string Base64)
{
    public byte[] File => Convert.FromBase64String(Base64);

    public static ImageSample Find(IEnumerable<ImageSample> samples, string name) => samples.Single(sample => sample.Name == name);

    public static TheoryData<string> Names(IEnumerable<ImageSample> samples) => new(samples.Select(sample => sample.Name));

    public static string Hash(ReadOnlySpan<byte> data)
    {
        return Convert.ToHexStringLower(SHA256.HashData(data))[..16];
    }

    public static RgbImage Decode(ReadOnlySpan<byte> file) => ImageDecoder.Decode(file, ImageLimits.Default, "sample");

    public void AssertDecodes()
    {
        var image = Decode(File);
        Assert.Equal((Width, Height), (image.Width, image.Height));
        Assert.Equal(PixelHash, Hash(image.Pixels));
    }
}
