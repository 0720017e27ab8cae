using IlgpuSpp.Data.Imaging;
using IlgpuSpp.Detection;
using static IlgpuSpp.Detection.Tests.Truth;

namespace IlgpuSpp.Training.Tests;

/// <summary>Images and windows mirrored left to right.</summary>
public sealed class MirroringTests
{
    [Fact]
    public void PixelsAndBoxesGoTogether()
    {
        var image = new RgbImage(5, 2);
        for (int i = 0; i < image.Pixels.Length; i++) image.Pixels[i] = (byte)i;
        RgbImage mirrored = Mirroring.Mirror(image);
        Assert.Equal([12, 13, 14, 9, 10, 11, 6, 7, 8, 3, 4, 5, 0, 1, 2], mirrored.Row(0).ToArray());
        Assert.Equal(image.Pixels, Mirroring.Mirror(mirrored).Pixels);
        // Columns 1 and 2 of five become 2 and 3.
        Assert.Equal(Box(2, 0, 3, 1), Mirroring.Mirror(Box(1, 0, 2, 1), image.Width));
    }

    [Fact]
    public void MirroringABox_TurnsItsHorizontalMoveAround()
    {
        PixelBox window = Box(10, 10, 29, 29), item = Box(14, 12, 40, 33);
        double[] straight = new double[4], mirrored = new double[4];
        BoxEncoding.Encode(window, item, straight);
        BoxEncoding.Encode(Mirroring.Mirror(window, 100), Mirroring.Mirror(item, 100), mirrored);
        Assert.Equal([-straight[0], straight[1], straight[2], straight[3]], mirrored);
    }
}
