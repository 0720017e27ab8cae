namespace IlgpuSpp.Data.Tests.Imaging;

/// <summary>A file and what an independent decoder makes of it.</summary>
/// <param name="Name">What the sample is an example of.</param>
/// <param name="Width">Width upright.</param>
/// <param name="Height">Height upright.</param>
/// <param name="PixelHash">The first 16 hexadecimal digits of the SHA-256 of the interleaved RGB pixels.</param>
/// <param name="Base64">The file.</param>
internal sealed partial record ImageSample(string Name, int Width, int Height, string PixelHash, string Base64)
{
    public byte[] File => Convert.FromBase64String(Base64);
}
