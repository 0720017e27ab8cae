namespace IlgpuSpp.Detection.Tests;

public sealed class ColourPlanesTests
{
    // L*a*b* (D65) of the sRGB primaries as published, e.g. red 53.24, 80.09, 67.20; scaled here by 2.55 and 128.
    [Theory]
    [InlineData(255, 0, 0, 53.24, 80.09, 67.20)]
    [InlineData(0, 255, 0, 87.73, -86.18, 83.18)]
    [InlineData(0, 0, 255, 32.30, 79.19, -107.86)]
    [InlineData(255, 255, 255, 100, 0, 0)]
    [InlineData(119, 119, 119, 50.03, 0, 0)]
    [InlineData(0, 0, 0, 0, 0, 0)]
    public void Lab_OfKnownColours(byte r, byte g, byte b, double l, double a, double bb)
    {
        (float L, float A, float B) lab = ColourPlanes.Lab(r, g, b);
        Assert.Equal(l, lab.L / 2.55, 0.05);
        Assert.Equal(a, lab.A - 128, 0.05);
        Assert.Equal(bb, lab.B - 128, 0.05);
    }

    [Theory]
    [InlineData(255, 0, 0, 0, 255, 255)]
    [InlineData(255, 255, 0, 42.5, 255, 255)]
    [InlineData(0, 255, 0, 85, 255, 255)]
    [InlineData(0, 0, 255, 170, 255, 255)]
    [InlineData(255, 0, 255, 212.5, 255, 255)]
    [InlineData(100, 50, 50, 0, 127.5, 100)]
    [InlineData(70, 70, 70, 0, 0, 70)]
    public void Hsv_OfKnownColours(byte r, byte g, byte b, float hue, float saturation, float value) =>
        Assert.Equal((hue, saturation, value), ColourPlanes.Hsv(r, g, b));

    [Fact]
    public void RgI_IsTheShareOfRedAndGreenAndTheMean()
    {
        ColourPlanes planes = ColourPlanes.Convert(DrawnImage.Plain(1, 1, 30, 60, 10), ColourSpace.RgI);
        Assert.Equal(76.5, planes.Planes[0][0], 1e-4);
        Assert.Equal(153, planes.Planes[1][0], 1e-4);
        Assert.Equal(100 / 3.0, planes.Planes[2][0], 1e-4);
    }

    [Fact]
    public void SinglePlanes_AreHueAndIntensity()
    {
        RgbImage image = DrawnImage.Plain(2, 1, 0, 255, 0);
        Assert.Equal([85f, 85f], Assert.Single(ColourPlanes.Convert(image, ColourSpace.Hue).Planes));
        Assert.Equal([85f, 85f], Assert.Single(ColourPlanes.Convert(image, ColourSpace.Intensity).Planes));
    }
}
