using static IlgpuSpp.Detection.Tests.Truth;

namespace IlgpuSpp.Detection.Tests;

/// <summary>Overlap of boxes whose corners are included: sides are right − left + 1.</summary>
public sealed class BoxOverlapTests
{
    [Theory]
    [InlineData(0, 0, 9, 9, 0, 0, 9, 9, 1.0)]
    [InlineData(0, 0, 9, 9, 5, 0, 14, 9, 50.0 / 150)]
    [InlineData(0, 0, 9, 9, 9, 9, 18, 18, 1.0 / 199)]
    [InlineData(0, 0, 9, 9, 10, 0, 19, 9, 0.0)]
    [InlineData(3, 4, 3, 4, 3, 4, 3, 4, 1.0)]
    public void IntersectionOverUnion_CountsPixels(double a1, double a2, double a3, double a4, double b1, double b2, double b3, double b4, double expected)
    {
        PixelBox a = Box(a1, a2, a3, a4), b = Box(b1, b2, b3, b4);
        Assert.Equal(expected, BoxOverlap.IntersectionOverUnion(a, b));
        Assert.Equal(expected, BoxOverlap.IntersectionOverUnion(b, a));
    }

    [Fact]
    public void Clip_KeepsWhatIsInside()
    {
        Assert.Equal(Box(0, 2, 9, 7), BoxOverlap.Clip(Box(-5, 2, 30, 7), 10, 20));
        Assert.Equal(Box(9, 19, 9, 19), BoxOverlap.Clip(Box(9, 19, 40, 40), 10, 20));
        Assert.Null(BoxOverlap.Clip(Box(10, 0, 12, 5), 10, 20));
        Assert.Null(BoxOverlap.Clip(Box(-4, -4, -1, -1), 10, 20));
    }

    [Fact]
    public void Suppression_DropsAboveTheThresholdOnly()
    {
        // Boxes of 13x10 shifted by 7 columns share 60 of 200 pixels: exactly 0.3.
        PixelBox first = Box(0, 0, 12, 9), atThreshold = Box(7, 0, 19, 9), above = Box(6, 0, 18, 9);
        Assert.Equal(0.3, BoxOverlap.IntersectionOverUnion(first, atThreshold));
        Assert.Equal([0, 1], GreedySuppression.Keep([first, atThreshold], [2, 1], 0.3));
        Assert.Equal([0], GreedySuppression.Keep([first, above], [2, 1], 0.3));
        Assert.Equal([1, 0], GreedySuppression.Keep([first, atThreshold], [1, 2], 0.3));
    }

    [Fact]
    public void Suppression_IsGreedyAndStable()
    {
        // B is dropped by A; C overlaps B but not A, so it stays. Equal scores keep their order.
        PixelBox a = Box(0, 0, 9, 9), b = Box(4, 0, 13, 9), c = Box(10, 0, 19, 9);
        Assert.Equal([0, 2], GreedySuppression.Keep([a, b, c], [3, 2, 1], 0.3));
        Assert.Equal([0], GreedySuppression.Keep([a, a, a], [1, 1, 1], 0.3));
    }

    [Fact]
    public void PerClass_KeepsClassesAndImagesApart()
    {
        ScoredBox[] all = [Found(1, Cell(0)), Found(2, Cell(0), image: 1), Found(3, Cell(0), label: 1), Found(4, Cell(0)), Found(5, Cell(1))];
        Assert.Equal([all[4], all[3], all[2], all[1]], GreedySuppression.PerClass(all, 0.3));
    }
}
