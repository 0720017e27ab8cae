using IlgpuSpp.Data.Imaging;

namespace IlgpuSpp.Data.Tests;

public sealed class ColourTests
{
    [Fact]
    public void Components_of_a_block_matrix_solved_by_hand()
    {
        // [[2, 1], [1, 2]] has the eigenvalues 3 along (1, 1)/√2 and 1 along (1, −1)/√2; blue stands alone with 0.5.
        ColourPca pca = ColourPca.FromCovariance([2, 1, 0, 1, 2, 0, 0, 0, 0.5]);
        float h = MathF.Sqrt(0.5f);
        Close(new RgbValues(3, 1, 0.5f), pca.Eigenvalues);
        Close(new RgbValues(h, h, 0), pca.First);
        Assert.Equal(0, pca.Second.Red + pca.Second.Green, 6);
        Assert.Equal(h, MathF.Abs(pca.Second.Red), 6);
        Close(new RgbValues(0, 0, 1), pca.Third);
    }

    [Fact]
    public void Components_of_the_second_difference_matrix()
    {
        // Its eigenvalues are 2 + √2, 2, 2 − √2 with vectors (1, −√2, 1)/2, (1, 0, −1)/√2, (1, √2, 1)/2 up to sign.
        ColourPca pca = ColourPca.FromCovariance([2, -1, 0, -1, 2, -1, 0, -1, 2]);
        float r = MathF.Sqrt(2);
        Close(new RgbValues(2 + r, 2, 2 - r), pca.Eigenvalues);
        Close(new RgbValues(-0.5f, r / 2, -0.5f), pca.First);
        Close(new RgbValues(0.5f, r / 2, 0.5f), pca.Third);
        Assert.Equal(0, pca.Second.Green, 6);
    }

    [Fact]
    public void The_shift_is_the_sum_of_components_by_eigenvalue_and_draw()
    {
        // 255·0.1·0.2175·(−0.5675, −0.5808, −0.5836) and 255·0.2·0.0045·(0.4009, −0.8140, 0.4203), by hand.
        Close(new RgbValues(-3.147497f, -3.221262f, -3.236792f), ColourPca.ImageNet.Shift(0.1, 0, 0));
        Close(new RgbValues(0.092007f, -0.186813f, 0.096459f), ColourPca.ImageNet.Shift(0, 0, 0.2));
    }

    [Fact]
    public void Brightness_contrast_and_saturation_by_hand()
    {
        float[] pixels = [100, 50, 200, 0, 100, 40];
        ColourTransform.Brightness(1.5f).Then(ColourTransform.Shift(1, 2, 3)).Apply(pixels);
        Assert.Equal([151, 77, 303, 1, 152, 63], pixels);

        float[] contrast = [100, 50, 200];
        ColourTransform.Contrast(0.5f, 80).Apply(contrast);
        Assert.Equal([90, 65, 140], contrast);

        // Grey of (100, 50, 200) is 29.9 + 29.35 + 22.8 = 82.05.
        float[] saturation = [100, 50, 200];
        Assert.Equal(82.05f, ColourTransform.MeanGrey(saturation), 4);
        ColourTransform.Saturation(0).Apply(saturation);
        Assert.All(saturation, v => Assert.Equal(82.05f, v, 4));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(64)]
    public void The_channelwise_path_equals_the_general_one(int pixels)
    {
        var rgb = new InputNormalisation { Mean = new RgbValues(10, 20, 30), Std = new RgbValues(2, 4, 5) };
        float[] values = [.. Enumerable.Range(0, pixels * 3).Select(i => (float)(i * 7 % 256))];
        float[] fast = [.. values], bgr = [.. values];
        ColourTransform.Normalising(rgb).Apply(fast);
        ColourTransform.Normalising(rgb with { ChannelOrder = ChannelOrder.Bgr }).Apply(bgr);
        for (int i = 0; i < values.Length; i++)
        {
            double expected = (values[i] - rgb.Mean[i % 3]) / rgb.Std[i % 3];
            Assert.Equal(expected, fast[i], 4);
            Assert.Equal(expected, bgr[i - i % 3 + (2 - i % 3)], 4);
        }
    }

    [Fact]
    public void Statistics_of_black_and_white_halves()
    {
        // Half the pixels 0, half 255 in all channels: mean and deviation 127.5; the covariance is 1/4 everywhere, so λ = 3/4 along grey.
        var image = new RgbImage(8, 4);
        for (int y = 0; y < 4; y++) image.Row(y)[..12].Fill(255);
        DatasetStatistics one = Measure([image], 1, 4), many = Measure([.. Enumerable.Repeat(image, 9)], 3, 4);

        Close(RgbValues.All(127.5f), one.Mean);
        Close(RgbValues.All(127.5f), one.Std);
        Close(new RgbValues(0.75f, 0, 0), one.Pca.Eigenvalues);
        Close(RgbValues.All(1 / MathF.Sqrt(3)), one.Pca.First);
        Assert.Equal(one.Mean, many.Mean);
        Assert.Equal(one.Pca.Eigenvalues, many.Pca.Eigenvalues);

        // The centre crop of 4 begins at column 2: two white columns, two black.
        Assert.Equal([255, 255, 255, 255, 255, 255, 0, 0, 0, 0, 0, 0], one.MeanImage.Pixels[..12].ToArray());
        Assert.Equal(one.MeanImage.Pixels, many.MeanImage.Pixels);
    }

    [Fact]
    public void Statistics_of_independent_channels()
    {
        // Red takes 0 and 200, blue 10 and 30, in all four combinations; green stays at 50.
        var image = new RgbImage(2, 2, [0, 50, 10, 200, 50, 10, 0, 50, 30, 200, 50, 30]);
        DatasetStatistics statistics = Measure([image], 1, 2);
        Close(new RgbValues(100, 50, 20), statistics.Mean);
        Close(new RgbValues(100, 1, 10), statistics.Std); // a constant channel is divided by 1, not 0
        Close(new RgbValues(10000 / 65025f, 100 / 65025f, 0), statistics.Pca.Eigenvalues);
        Close(new RgbValues(1, 0, 0), statistics.Pca.First);
        Close(new RgbValues(0, 0, 1), statistics.Pca.Second);
    }

    private static DatasetStatistics Measure(RgbImage[] images, int threads, int minSide)
    {
        var set = new ImageDataset("set", ["a", "b"], new MemoryImages(images), images.Select((_, i) => new ImageSample($"{i}", i % 2, i)));
        return DatasetStatistics.Measure(new PreparedImages(set, new InputPreparation { MinSide = minSide, CropSize = minSide }), threads);
    }

    private static void Close(RgbValues expected, RgbValues actual)
    {
        for (int c = 0; c < 3; c++) Assert.Equal(expected[c], actual[c], 4);
    }
}
