using IlgpuSpp.Data.Imaging;
using IlgpuSpp.Engine;

namespace IlgpuSpp.Data.Tests;

public sealed class CropTests
{
    // Sizes of the released detection code for the same images and scales. At 874 the longer side is 1165.33: the release rounds it up to 1166, we to the nearest pixel.
    [Theory]
    [InlineData(500, 375, 480, 640, 480)]
    [InlineData(500, 375, 576, 768, 576)]
    [InlineData(353, 500, 480, 480, 680)]
    [InlineData(500, 375, 1200, 1600, 1200)]
    [InlineData(500, 375, 874, 1165, 874)]
    [InlineData(80, 80, 256, 256, 256)]
    [InlineData(7, 3, 2, 5, 2)]
    public void The_smaller_side_gets_its_length_and_the_aspect_is_kept(int width, int height, int minSide, int newWidth, int newHeight) =>
        Assert.Equal((newWidth, newHeight), InputPreparation.SizeFor(width, height, minSide));

    [Theory]
    [InlineData(CropPosition.Centre, 38, 16)]
    [InlineData(CropPosition.TopLeft, 0, 0)]
    [InlineData(CropPosition.TopRight, 77, 0)]
    [InlineData(CropPosition.BottomLeft, 0, 32)]
    [InlineData(CropPosition.BottomRight, 77, 32)]
    public void The_five_positions_are_the_corners_and_the_centre_of_the_whole_image(CropPosition position, int x, int y) =>
        Assert.Equal(new PixelRegion(x, y, 224, 224), CropWindows.At(301, 256, 224, position));

    [Fact]
    public void A_crop_larger_than_the_image_is_refused()
    {
        var error = Assert.Throws<ArgumentException>(() => CropWindows.At(300, 200, 224, CropPosition.Centre));
        Assert.Contains("224x224", error.Message, StringComparison.Ordinal);
        Assert.Contains("300x200", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Five_positions_are_equally_likely()
    {
        TrainingAugmentation augmentation = Augmentation(CropMode.FivePositions);
        var counts = Draw(augmentation, 5000, 60, 44).GroupBy(r => (r.X, r.Y)).ToDictionary(g => g.Key, g => g.Count());
        Assert.Equal(5, counts.Count);
        // 1000 expected of 5000; the standard deviation is sqrt(5000·0.2·0.8) = 28.
        Assert.All(counts.Values, c => Assert.InRange(c, 860, 1140));
        Assert.Contains((14.0, 6.0), counts.Keys);
        Assert.Contains((28.0, 12.0), counts.Keys);
    }

    [Fact]
    public void Random_crops_reach_every_offset_equally()
    {
        var crops = Draw(Augmentation(CropMode.Random), 6000, 36, 34).ToArray();
        Assert.Equal([0, 1, 2, 3, 4], crops.Select(r => (int)r.X).Distinct().Order());
        Assert.Equal([0, 1, 2], crops.Select(r => (int)r.Y).Distinct().Order());
        foreach (var offset in crops.GroupBy(r => (r.X, r.Y))) Assert.InRange(offset.Count(), 300, 500); // 400 expected, deviation 19
    }

    [Fact]
    public void Random_windows_stay_inside_with_the_area_and_aspect_asked_for()
    {
        var options = AugmentationOptions.None with { Crop = CropMode.RandomResized, MinArea = 0.3, MaxArea = 0.6, MaxAspect = 1.5 };
        var augmentation = new TrainingAugmentation(new InputPreparation { MinSide = 200, CropSize = 96 }, options);
        foreach (PixelRegion window in Draw(augmentation, 2000, 300, 200))
        {
            Assert.True(window.X >= 0 && window.Y >= 0 && window.X + window.Width <= 300 && window.Y + window.Height <= 200);
            Assert.InRange(window.Width * window.Height / 60000, 0.295, 0.605); // sides are rounded to whole pixels
            Assert.InRange(window.Width / window.Height, 1 / 1.52, 1.52);
        }
    }

    [Fact]
    public void A_window_that_fits_nowhere_becomes_the_largest_in_the_middle()
    {
        var options = AugmentationOptions.None with { Crop = CropMode.RandomResized, MinArea = 0.9, MaxArea = 1, MaxAspect = 1.25 };
        var augmentation = new TrainingAugmentation(new InputPreparation { MinSide = 100, CropSize = 100 }, options);
        Assert.Equal(new PixelRegion(87, 0, 125, 100), augmentation.CropFor(300, 100, new RandomKey(1, 2, 3)));
    }

    private static TrainingAugmentation Augmentation(CropMode crop) =>
        new(new InputPreparation { MinSide = 34, CropSize = 32 }, AugmentationOptions.None with { Crop = crop });

    private static IEnumerable<PixelRegion> Draw(TrainingAugmentation augmentation, int count, int width, int height) =>
        Enumerable.Range(0, count).Select(i => augmentation.CropFor(width, height, new RandomKey(7, 1, (uint)i)));
}
