using IlgpuSpp.Data.Imaging;
using IlgpuSpp.Detection;
using static IlgpuSpp.Detection.Tests.Truth;

namespace IlgpuSpp.Training.Tests;

/// <summary>Which windows of an image an update of the whole network sees.</summary>
public sealed class WindowMinibatchTests
{
    private static readonly EndToEndOptions Options = new();

    private static RandomStream Random(uint step) => new(new RandomKey(5, 1, step));

    private static List<TrainingWindow> Windows(int onObjects, int background, int away) =>
    [
        .. Enumerable.Range(0, onObjects).Select(i => new TrainingWindow(Cell(i), 0, 0.5 + 0.01 * i)),
        .. Enumerable.Range(100, background).Select(i => new TrainingWindow(Cell(i), 0, 0.1)),
        .. Enumerable.Range(1000, away).Select(i => new TrainingWindow(Cell(i), -1, 0.0999)),
    ];

    [Fact]
    public void AQuarterLiesOnObjects_NoneTwice()
    {
        IReadOnlyList<TrainingWindow> drawn = WindowMinibatch.Draw(Windows(40, 90, 50), 64, Options, Random(1));
        Assert.Equal(16, drawn.Count(window => window.Overlap >= 0.5));
        Assert.All(drawn, window => Assert.True(window.Overlap >= 0.1));
        Assert.Equal(64, drawn.Distinct().Count());
        Assert.All(drawn.Take(16), window => Assert.True(window.Overlap >= 0.5));
        Assert.NotEqual(drawn, WindowMinibatch.Draw(Windows(40, 90, 50), 64, Options, Random(2)));
    }

    [Theory]
    [InlineData(3, 90, 3)]
    [InlineData(0, 90, 0)]
    [InlineData(40, 0, 64)]
    [InlineData(40, 10, 16)]
    public void TooFewWindows_AreRepeatedEvenly(int onObjects, int background, int expected)
    {
        IReadOnlyList<TrainingWindow> drawn = WindowMinibatch.Draw(Windows(onObjects, background, 5), 64, Options, Random(3));
        Assert.Equal(64, drawn.Count);
        Assert.Equal(expected, drawn.Count(window => window.Overlap >= 0.5));
        foreach (IGrouping<bool, TrainingWindow> kind in drawn.GroupBy(window => window.Overlap >= 0.5))
        {
            int[] times = [.. kind.GroupBy(window => window).Select(same => same.Count())];
            Assert.InRange(times.Max() - times.Min(), 0, 1);
        }
        Assert.False(WindowMinibatch.Any(Windows(0, 0, 5), Options));
    }

    [Fact]
    public void ADrawnImageHasOneScale_AndItsBoxesAreMirroredWithIt()
    {
        using Backend backend = SmallDetection.Open();
        using Model model = SmallDetection.Network(backend);
        var features = new PooledWindowFeatures(model, SmallDetection.Preparation, SmallDetection.Options.Features);
        var image = new RgbImage(120, 100);
        PixelBox small = Box(3, 4, 22, 25), item = Box(2, 5, 20, 25), large = Box(0, 0, 119, 99);
        var annotated = new AnnotatedImage("a", 0, 120, 100, [Item(item, 4)]);
        TrainingWindow[] windows = [new(small, 0, 0.8), new(large, 0, 0.2)];
        var seen = new HashSet<(bool, int)>();
        for (uint step = 0; step < 40; step++)
        {
            BatchImage drawn = WindowMinibatch.Draw(image, annotated, windows, 4, features, Options, Random(step));
            seen.Add((drawn.Mirrored, Assert.Single(drawn.Windows.Select(window => window.Scale).Distinct())));
            BatchWindow onObject = Assert.Single(drawn.Windows, window => window.Label > 0);
            Assert.Equal((5, drawn.Mirrored ? Box(97, 4, 116, 25) : small, drawn.Mirrored ? Box(99, 5, 117, 25) : item), (onObject.Label, onObject.Box, onObject.Object));
        }
        Assert.Equal([(false, 0), (false, 1), (true, 0), (true, 1)], seen.Order());
        // At scales 64 and 96 the large window is nearest to 48² pixels at 64; the small one, of 20x22 pixels, is too small at both and largest at 96.
        BatchImage best = WindowMinibatch.Draw(image, annotated, windows, 4, features, Options with { Scale = TrainingScale.Best, Flips = false }, Random(1));
        Assert.False(best.Mirrored);
        Assert.Equal([1, 0, 0, 0], best.Windows.Select(window => window.Scale));
    }

    [Fact]
    public void DifficultObjectsAndCrowdsAreNotTrainedOn()
    {
        AnnotatedObject[] objects = [new(0, new PixelBox(0, 0, 9, 9), Difficult: true), new(0, new PixelBox(100, 0, 199, 99), Crowd: true), new(1, new PixelBox(20, 0, 29, 9))];
        // On the difficult object; inside the crowd; three quarters and a half of it inside; on the object.
        PixelBox[] proposals = [new(0, 0, 9, 9), new(110, 10, 119, 19), new(175, 0, 208, 9), new(195, 0, 204, 9), new(20, 0, 29, 8)];
        Assert.Equal(
            [new TrainingWindow(objects[2].Box, 2, 1), new TrainingWindow(proposals[0], -1, 0), new TrainingWindow(proposals[3], -1, 0), new TrainingWindow(proposals[4], 2, 0.9)],
            TrainingWindows.Of(objects, proposals));
    }
}
