namespace IlgpuSpp.Models.Tests;

/// <summary>Windows to responses: the paper's Appendix A, and golden vectors worked out from the authors' release.</summary>
public sealed class WindowMappingTests
{
    private static readonly int[] ReleaseScales = [480, 576, 688, 874, 1200];

    [Theory]
    [InlineData("zf5", 16, 20)]
    [InlineData("convnet5", 16, 15)]
    [InlineData("overfeat5", 12, 14)]
    [InlineData("overfeat7", 12, 14)]
    public void PaperNetworks_HaveTheirStrideAndCentre(string name, int stride, double centre)
    {
        ReceptiveField field = ReceptiveField.Of(Convolutions(name));
        Assert.Equal((stride, centre), (field.Stride, field.Centre));
    }

    // Image, box (1-based, as the release counts), expected scale, scale, resized size, raw responses, map, clamped responses (1-based).
    [Theory]
    [InlineData(500, 375, 1, 1, 500, 375, 180, 480, 640, 480, 0, 0, 39, 29, 39, 29, 1, 1, 39, 29)]
    [InlineData(500, 375, 48, 240, 195, 371, 558, 576, 768, 576, 5, 23, 18, 35, 47, 35, 5, 23, 18, 35)]
    [InlineData(353, 500, 8, 12, 352, 498, 179, 480, 480, 680, 1, 1, 29, 42, 29, 41, 1, 1, 29, 41)]
    [InlineData(500, 375, 100, 100, 115, 115, 4875, 1200, 1600, 1200, 20, 20, 22, 22, 99, 74, 20, 20, 22, 22)]
    [InlineData(500, 375, 490, 10, 500, 40, 4224, 1200, 1600, 1200, 98, 2, 99, 7, 99, 74, 98, 2, 99, 7)]
    [InlineData(500, 375, 263, 211, 324, 339, 872, 874, 1166, 874, 38, 31, 46, 49, 71, 53, 38, 31, 46, 49)]
    public void ReleaseForm_GivesTheGoldenVectors(
        int width, int height, int x1, int y1, int x2, int y2, int expected, int scale, int resizedWidth, int resizedHeight,
        int rawLeft, int rawTop, int rawRight, int rawBottom, int mapWidth, int mapHeight, int left, int top, int right, int bottom)
    {
        int minSide = Math.Min(width, height);
        var box = new PixelBox(x1 - 1, y1 - 1, x2 - 1, y2 - 1);
        Assert.Equal((Array.IndexOf(ReleaseScales, scale), expected), ScaleChoice.BySide(box, minSide, ReleaseScales));

        Shape map = Map(resizedHeight, resizedWidth);
        Assert.Equal((mapHeight, mapWidth), (map.Height, map.Width));

        var mapping = new WindowMapping(ReceptiveField.Of(Convolutions("zf5")), WindowRule.Release);
        PixelBox scaled = box.Resized(minSide, scale);
        Assert.Equal((rawLeft - 1, rawRight - 1), mapping.Responses(scaled.Left, scaled.Right));
        Assert.Equal((rawTop - 1, rawBottom - 1), mapping.Responses(scaled.Top, scaled.Bottom));
        Assert.Equal(new MapWindow(left - 1, top - 1, right, bottom), mapping.Map(scaled, map.Height, map.Width));
    }

    // The release rounds the longer side up, we round it to the nearest pixel (see InputPreparation.SizeFor): the map has the same size.
    [Fact]
    public void ThePixelThatRoundingCosts_ChangesNoMap() => Assert.Equal(Map(874, 1166), Map(874, 1165));

    [Theory]
    [InlineData(0, 1)]
    [InlineData(15, 1)]
    [InlineData(16, 2)]
    [InlineData(17, 2)]
    public void PaperForm_FirstResponseIsStrictlyInside(double pixel, int response) =>
        Assert.Equal(response, AppendixA.Responses(pixel, 1000).First);

    [Theory]
    [InlineData(1, 0)]
    [InlineData(16, 0)]
    [InlineData(17, 1)]
    [InlineData(223, 13)]
    public void PaperForm_LastResponseIsStrictlyInside(double pixel, int response) =>
        Assert.Equal(response, AppendixA.Responses(0, pixel).Last);

    [Fact]
    public void EveryWindowHasAResponse_AndGrowingWindowsNeverLoseOne()
    {
        ReceptiveField zf5 = ReceptiveField.Of(Convolutions("zf5"));
        foreach (WindowRule rule in Enum.GetValues<WindowRule>())
        {
            var mapping = new WindowMapping(zf5, rule);
            for (int left = 0; left < 300; left += 3)
            {
                MapWindow before = mapping.Map(new PixelBox(left, left, left, left), 20, 20);
                for (int right = left; right < 320; right++)
                {
                    MapWindow window = mapping.Map(new PixelBox(left, left, right, right), 20, 20);
                    Assert.InRange(window.Left, 0, window.Right - 1);
                    Assert.InRange(window.Right, window.Left + 1, 20);
                    Assert.True(window.Right >= before.Right, $"{rule}: {left}..{right} gives {window}, {before} before");
                    before = window;
                }
            }
        }
    }

    [Fact]
    public void PaperScale_BringsTheWindowClosestTo224Squared()
    {
        int[] scales = [480, 576, 688, 864, 1200];
        // 112 x 112 pixels of an image with shorter side 375: 224² is reached at 750; at 688 the area is 205.5², at 864 258².
        Assert.Equal(2, ScaleChoice.ByArea(new PixelBox(10, 20, 121, 131), 375, scales));
        Assert.Equal(0, ScaleChoice.ByArea(new PixelBox(0, 0, 374, 374), 375, scales));
        Assert.Equal(4, ScaleChoice.ByArea(new PixelBox(0, 0, 19, 19), 375, scales));
    }

    private static WindowMapping AppendixA => new(new ReceptiveField(16, 0, 1));

    private static IEnumerable<Layer> Convolutions(string name) =>
        Zoo.Build(Zoo.Find(name), new ModelOptions()).Children.TakeWhile(layer => layer is not SpatialPyramidPool);

    private static Shape Map(int height, int width) =>
        Convolutions("zf5").Aggregate(new Shape(1, height, width, 3), (shape, layer) => layer.OutputShape(shape));
}
