using IlgpuSpp.Data.Imaging;

namespace IlgpuSpp.Data.Tests;

/// <summary>Images for tests of what stands around them.</summary>
internal static class SmallImages
{
    /// <summary>Writes a small PNG of one colour.</summary>
    public static string Image(this TemporaryFolder folder, string name, int width = 6, int height = 5, byte grey = 100)
    {
        var image = new RgbImage(width, height);
        Array.Fill(image.Pixels, grey);
        return folder.Write(name, ImageWriter.Png(image));
    }
}
