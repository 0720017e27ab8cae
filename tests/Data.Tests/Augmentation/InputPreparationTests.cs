using IlgpuSpp.Data.Imaging;
using IlgpuSpp.Engine;

namespace IlgpuSpp.Data.Tests;

public sealed class InputPreparationTests
{
    private static readonly InputPreparation Preparation = new() { MinSide = 40, CropSize = 32, Normalisation = InputNormalisation.None };

    [Fact]
    public void A_crop_of_whole_pixels_is_copied()
    {
        RgbImage image = Pattern(50, 40);
        float[] crop = Crop(image, CropPosition.BottomRight, 32);
        for (int y = 0; y < 32; y++)
        {
            for (int i = 0; i < 96; i++) Assert.Equal(image.Row(y + 8)[18 * 3 + i], crop[y * 96 + i]);
        }
    }

    [Fact]
    public void Multi_size_training_resizes_the_same_crop()
    {
        RgbImage image = Pattern(50, 40);
        var key = new RandomKey(3, 4, 5);
        var augmentation = new TrainingAugmentation(Preparation, AugmentationOptions.Paper with { PcaSigma = 0, FlipProbability = 0 });
        PixelRegion window = augmentation.CropFor(50, 40, key);
        var expected = new float[26 * 26 * 3];
        ImageResizer.ResizeToFloat(image, window, 26, 26, Preparation.Filter, expected);

        Assert.Equal(32, window.Width);
        Assert.Equal(expected, Render(augmentation, image, key, 26));
    }

    [Fact]
    public void A_flip_mirrors_the_columns()
    {
        RgbImage image = Pattern(50, 40);
        float[] plain = Crop(image, CropPosition.Centre, 32), flipped = new float[32 * 32 * 3];
        Preparation.WriteCrop(image, CropPosition.Centre, flip: true, 32, flipped);
        for (int y = 0; y < 32; y++)
        {
            for (int x = 0; x < 32; x++)
            {
                for (int c = 0; c < 3; c++) Assert.Equal(plain[(y * 32 + x) * 3 + c], flipped[(y * 32 + 31 - x) * 3 + c]);
            }
        }
    }

    [Fact]
    public void Half_of_the_samples_are_flipped()
    {
        RgbImage image = Pattern(32, 32);
        var preparation = Preparation with { MinSide = 32 };
        var augmentation = new TrainingAugmentation(preparation, AugmentationOptions.None with { FlipProbability = 0.5 });
        float[] plain = new float[32 * 32 * 3];
        preparation.WriteCrop(image, CropPosition.Centre, flip: false, 32, plain);
        int flips = Enumerable.Range(0, 1000).Count(i => !Render(augmentation, image, new RandomKey(1, 2, (uint)i), 32).SequenceEqual(plain));
        Assert.InRange(flips, 420, 580); // 500 expected, deviation 16
    }

    [Fact]
    public void Switching_one_change_off_leaves_the_others_draws()
    {
        RgbImage image = Pattern(64, 40);
        var all = new AugmentationOptions { Brightness = 0.3, Contrast = 0.3, Saturation = 0.3 };
        for (uint step = 0; step < 20; step++)
        {
            var key = new RandomKey(1, 2, step);
            PixelRegion window = new TrainingAugmentation(Preparation, all, ColourPca.ImageNet).CropFor(64, 40, key);
            Assert.Equal(window, new TrainingAugmentation(Preparation, all with { FlipProbability = 0, PcaSigma = 0 }).CropFor(64, 40, key));
        }

        // The colour altering adds one colour to the whole crop.
        var plain = new TrainingAugmentation(Preparation, AugmentationOptions.Paper with { PcaSigma = 0 });
        var altered = new TrainingAugmentation(Preparation, AugmentationOptions.Paper, ColourPca.ImageNet);
        float[] before = Render(plain, image, new RandomKey(1, 2, 3), 32), after = Render(altered, image, new RandomKey(1, 2, 3), 32);
        for (int i = 3; i < before.Length; i++) Assert.Equal(after[i % 3] - before[i % 3], after[i] - before[i], 3);
        Assert.NotEqual(before[0], after[0]);
    }

    [Fact]
    public void Colour_altering_has_the_strength_of_the_first_component()
    {
        // The shift of red is 255·0.1·Σ λ_k·p_k,red·N(0, 1): its deviation is 25.5·sqrt((0.2175·0.5675)² + (0.0188·0.7192)² + (0.0045·0.4009)²) = 3.166.
        var grey = new RgbImage(32, 32);
        Array.Fill(grey.Pixels, (byte)128);
        var augmentation = new TrainingAugmentation(Preparation with { MinSide = 32 }, AugmentationOptions.None with { PcaSigma = 0.1 }, ColourPca.ImageNet);
        double[] shifts = [.. Enumerable.Range(0, 4000).Select(i => Render(augmentation, grey, new RandomKey(9, 9, (uint)i), 2)[0] - 128.0)];
        Assert.InRange(shifts.Average(), -0.2, 0.2);
        Assert.InRange(Math.Sqrt(shifts.Average(s => s * s)), 3.0, 3.33);
    }

    [Fact]
    public void The_mean_image_is_subtracted_warped_to_the_input()
    {
        // A ramp over columns is linear, so that halving it with bilinear weights averages neighbours: (0+2)/2, (4+6)/2, ...
        float[] ramp = [.. Enumerable.Range(0, 32 * 32 * 3).Select(i => (float)(i / 3 % 32 * 2))];
        var preparation = Preparation with { MinSide = 32, Normalisation = InputNormalisation.FromMeanImage(new MeanImage(32, 32, ramp)) };
        var black = new RgbImage(32, 32);
        var full = new float[32 * 32 * 3];
        preparation.WriteFull(black, flip: false, full);
        Assert.Equal(ramp.Select(v => -v), full);

        var half = new float[16 * 16 * 3];
        preparation.WriteCrop(black, CropPosition.Centre, flip: false, 16, half);
        Assert.Equal([-1, -1, -1, -5, -5, -5, -9, -9, -9], half[..9]);
    }

    [Fact]
    public void Normalisation_constants_are_those_of_the_paper()
    {
        var image = new RgbImage(1, 1, [128, 0, 255]);
        var input = new float[3];
        (Preparation with { MinSide = 1, CropSize = 1, Normalisation = InputNormalisation.Constant() with { ChannelOrder = ChannelOrder.Bgr } }).WriteFull(image, false, input);
        Assert.Equal([127, -128, 0], input);
    }

    [Fact]
    public void Json_brings_back_the_preparation()
    {
        var preparation = new InputPreparation
        {
            MinSide = 112,
            CropSize = 96,
            Filter = ResizeFilter.Bilinear,
            Normalisation = InputNormalisation.PerChannel(new RgbValues(1.5f, 2, 3), new RgbValues(4, 5, 6.25f)) with { ChannelOrder = ChannelOrder.Bgr },
        };
        Assert.Equal(preparation, InputPreparation.FromJson(preparation.ToJson()));
        Assert.Equal(preparation.Normalisation, InputNormalisation.FromJson(preparation.Normalisation.ToJson()));

        var mean = new MeanImage(2, 1, [1, 2, 3, 4, 5, 6]);
        string json = InputNormalisation.FromMeanImage(mean).ToJson();
        Assert.Same(mean, InputNormalisation.FromJson(json, mean).MeanImage);
        Assert.Throws<DataFormatException>(() => InputNormalisation.FromJson(json));
    }

    [Fact]
    public void Json_is_that_of_former_versions_and_what_it_leaves_out_is_as_usual()
    {
        Assert.Equal(
            """{"minSide":256,"cropSize":224,"filter":"bilinearAntialias","normalisation":{"kind":"colour","mean":{"red":128,"green":128,"blue":128},"std":{"red":1,"green":1,"blue":1},"channelOrder":"rgb"}}""",
            new InputPreparation().ToJson());
        InputPreparation expected = new() { MinSide = 300, Normalisation = InputNormalisation.Constant() with { Mean = new RgbValues(1, 2, 3), ChannelOrder = ChannelOrder.Bgr } };
        Assert.Equal(expected, InputPreparation.FromJson("""{"minSide":300,"normalisation":{"mean":{"red":1,"green":2,"blue":3},"channelOrder":"bgr"}}"""));
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[1]")]
    [InlineData("""{"minSide":10,"cropSize":11}""")]
    [InlineData("""{"minSide":10,"cropSize":5,"normalisation":null}""")]
    [InlineData("""{"normalisation":{"kind":"unheard-of"}}""")]
    [InlineData("""{"normalisation":{"kind":"colour","std":{"red":0,"green":1,"blue":1}}}""")]
    [InlineData("""{"minSide":10,"minSide":12}""")]
    [InlineData("""{"filter":"\ud800"}""")]
    public void Damaged_json_is_refused(string json) => Assert.Throws<DataFormatException>(() => InputPreparation.FromJson(json));

    [Fact]
    public void Extreme_images_and_options_are_refused()
    {
        Assert.Throws<DataFormatException>(() => Preparation.ResizeMinSide(new RgbImage(330, 10)));
        Assert.Equal(1280, Preparation.ResizeMinSide(new RgbImage(320, 10)).Width);
        Assert.Throws<ArgumentException>(() => new TrainingAugmentation(Preparation, AugmentationOptions.Paper));
        Assert.Throws<ArgumentException>(() => new TrainingAugmentation(Preparation with { CropSize = 41 }, AugmentationOptions.None));
        Assert.Throws<ArgumentException>(() => new TrainingAugmentation(Preparation, AugmentationOptions.None with { MinArea = 0 }));
        Assert.Throws<ArgumentException>(() => Preparation.WriteFull(Pattern(8, 8), false, new float[10]));
    }

    [Fact]
    public void The_ten_views_are_five_positions_each_plain_and_mirrored()
    {
        RgbImage image = Pattern(50, 40);
        float[][] views = [.. CropView.Ten(Preparation).Select(v => Render(v, image, default, 32))];
        Assert.Equal(10, views.Length);
        Assert.Equal(10, views.Select(v => string.Join(',', v)).Distinct().Count());
        Assert.Equal(Crop(image, CropPosition.TopRight, 32), views[4]);
    }

    private static float[] Crop(RgbImage image, CropPosition position, int size)
    {
        var result = new float[size * size * 3];
        Preparation.WriteCrop(image, position, flip: false, size, result);
        return result;
    }

    private static float[] Render(ISampleTransform transform, RgbImage image, RandomKey key, int size)
    {
        var result = new float[size * size * 3];
        transform.Render(image, key, size, result);
        return result;
    }

    private static RgbImage Pattern(int width, int height)
    {
        var image = new RgbImage(width, height);
        for (int i = 0; i < image.Pixels.Length; i++) image.Pixels[i] = (byte)Philox.Word(new RandomKey(11, 12, 13), i);
        return image;
    }
}
