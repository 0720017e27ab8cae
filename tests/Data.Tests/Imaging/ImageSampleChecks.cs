using System.Security.Cryptography;
using IlgpuSpp.Data.Imaging;

namespace IlgpuSpp.Data.Tests.Imaging;

/// <summary>What tests ask of samples.</summary>
internal sealed partial record ImageSample
{
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
