using IlgpuSpp.Data.Imaging;
using IlgpuSpp.Engine;

namespace IlgpuSpp.Data.Tests;

public sealed class RandAugmentTests
{
    private const int Size = 33;

    // Every value is a whole level, so that roundings of the operations are those of 8-bit images.
    private static float[] Image() => [.. Enumerable.Range(0, Size * Size * 3).Select(i => (float)(i * 7919 % 256))];

    private static float[] After(ImageOperation operation, double magnitude, int sign)
    {
        float[] pixels = Image();
        RandAugment.Apply(pixels, Size, operation, magnitude / RandAugment.Largest, sign);
        return pixels;
    }

    [Fact]
    public void A_magnitude_of_nothing_leaves_the_image()
    {
        // Solarize's threshold at 0 is 255 as torchvision's, which turns full white to black; AutoContrast and Equalize know no magnitude.
        foreach (ImageOperation operation in Enum.GetValues<ImageOperation>().Except([ImageOperation.Solarize, ImageOperation.AutoContrast, ImageOperation.Equalize]))
            foreach (int sign in (int[])[-1, 1]) Assert.All(Image().Zip(After(operation, 0, sign)), pair => Assert.Equal(pair.First, pair.Second, tolerance: 1e-3f));
    }

    [Fact]
    public void Magnitudes_are_torchvisions()
    {
        float[] image = Image();
        // Magnitude 30 of 31 bins: 150/331 of the side, factors 1.9 and 0.1, 4 bits, every level turned round.
        int shift = (int)(150.0 / 331 * Size);
        float[] moved = After(ImageOperation.TranslateX, 30, 1);
        for (int y = 0; y < Size; y++)
            for (int x = 0; x < Size; x++)
                for (int c = 0; c < 3; c++) Assert.Equal(x < shift ? 0 : image[(y * Size + x - shift) * 3 + c], moved[(y * Size + x) * 3 + c]);
        Assert.All(image.Zip(After(ImageOperation.Brightness, 30, -1)), pair => Assert.Equal(pair.First * 0.1, pair.Second, tolerance: 1e-3));
        Assert.All(image.Zip(After(ImageOperation.Brightness, 30, 1)), pair => Assert.Equal(Math.Min(255, pair.First * 1.9), pair.Second, tolerance: 1e-3));
        Assert.All(image.Zip(After(ImageOperation.Posterize, 30, 1)), pair => Assert.Equal((int)pair.First & 0xF0, (int)pair.Second));
        Assert.All(image.Zip(After(ImageOperation.Solarize, 30, 1)), pair => Assert.Equal(255 - pair.First, pair.Second));
    }

    [Fact]
    public void A_rotation_by_thirty_degrees_takes_the_pixel_that_trigonometry_names()
    {
        float[] image = Image(), turned = After(ImageOperation.Rotate, 30, 1);
        int x = 20, y = 12;
        double u = x + 0.5 - Size / 2.0, v = y + 0.5 - Size / 2.0;
        int fromX = (int)Math.Floor(u * Math.Sqrt(3) / 2 - v / 2 + Size / 2.0), fromY = (int)Math.Floor(u / 2 + v * Math.Sqrt(3) / 2 + Size / 2.0);
        Assert.Equal(image[(fromY * Size + fromX) * 3], turned[(y * Size + x) * 3]);
        Assert.Equal(0, turned[0]);
    }

    [Fact]
    public void Contrast_and_histogram_are_stretched_over_all_levels()
    {
        float[] narrow = [.. Image().Select(v => 100 + (int)v / 8)];
        float[] stretched = [.. narrow], equal = [.. narrow];
        RandAugment.Apply(stretched, Size, ImageOperation.AutoContrast, 0.3, 1);
        RandAugment.Apply(equal, Size, ImageOperation.Equalize, 0.3, 1);
        foreach (float[] pixels in (float[][])[stretched, equal])
        {
            Assert.True(pixels.Min() < 8, $"{pixels.Min()}");
            Assert.True(pixels.Max() > 247, $"{pixels.Max()}");
        }
    }

    [Fact]
    public void Draws_follow_from_the_key_and_erasing_covers_what_it_says()
    {
        var preparation = new InputPreparation { MinSide = 40, CropSize = 40, Normalisation = InputNormalisation.Constant() };
        var image = new RgbImage(40, 40);
        image.Pixels.AsSpan().Fill(255);
        AugmentationOptions options = AugmentationOptions.None with { ErasingProbability = 1 };
        var plain = new TrainingAugmentation(preparation, options);
        double sum = 0;
        for (uint i = 0; i < 200; i++)
        {
            float[] a = new float[40 * 40 * 3];
            plain.Render(image, new RandomKey(1, 2, i), 40, a);
            double share = a.Count(0f) / (double)a.Length;
            Assert.InRange(share, 0.01, 0.37);
            sum += share;
        }
        // Uniform over 2 to 33 %, less the few that do not fit.
        Assert.InRange(sum / 200, 0.14, 0.2);

        var changed = new TrainingAugmentation(preparation, options with { RandAugmentOperations = 2 });
        float[] first = new float[40 * 40 * 3], again = new float[40 * 40 * 3], other = new float[40 * 40 * 3];
        changed.Render(image, new RandomKey(1, 2, 3), 40, first);
        changed.Render(image, new RandomKey(1, 2, 3), 40, again);
        changed.Render(image, new RandomKey(1, 2, 4), 40, other);
        Assert.Equal(first, again);
        Assert.NotEqual(first, other);
    }

    [Fact]
    public void Magnitudes_and_chances_out_of_range_are_refused()
    {
        foreach (AugmentationOptions wrong in (AugmentationOptions[])[
            AugmentationOptions.None with { RandAugmentOperations = 2, RandAugmentMagnitude = -1 },
            AugmentationOptions.None with { RandAugmentOperations = -1 },
            AugmentationOptions.None with { RandAugmentMagnitude = double.NaN },
            AugmentationOptions.None with { ErasingProbability = 1.5 }])
            Assert.Throws<ArgumentException>(wrong.Check);
    }
}
