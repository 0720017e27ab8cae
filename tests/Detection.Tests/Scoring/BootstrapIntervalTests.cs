using static IlgpuSpp.Detection.Tests.Truth;

namespace IlgpuSpp.Detection.Tests;

/// <summary>The interval of a score over resampled images.</summary>
public sealed class BootstrapIntervalTests
{
    [Fact]
    public void OneObjectAnImage_HalfFound_IsTheBinomialInterval()
    {
        // 20 of 40 images have their object found and nothing else, so that a draw's recall is a binomial share with p = 1/2 at precision 1.
        // Its 2.5th and 97.5th percentiles are 14/40 and 26/40: the recalls 0 to 0.3 and 0 to 0.6 of the eleven are reached.
        DetectionDataset truth = Truth.Of(["thing"], [.. Enumerable.Range(0, 40).Select(_ => (AnnotatedObject[])[Item(Cell(0))])]);
        BootstrapInterval interval = BootstrapInterval.Of(DetectionScore.Of(truth, [.. Enumerable.Range(0, 20).Select(i => Found(1 - 0.01 * i, Cell(0), 2 * i))]));
        Assert.Equal(4.0 / 11, interval.Low, 12);
        Assert.Equal(7.0 / 11, interval.High, 12);
    }

    [Fact]
    public void ADraw_IsTheScoreOfASetWithTheImagesRepeated()
    {
        AnnotatedObject[][] images =
        [
            [Item(Cell(0)), Item(Cell(1), label: 1), Item(Cell(2), difficult: true)],
            [Item(Cell(0), label: 1), Item(Cell(1), label: 1)],
            [Item(Cell(3))],
            [],
        ];
        ScoredBox[] detections =
        [
            Found(0.95, Cell(0)), Found(0.9, Nowhere(0), 3), Found(0.85, Cell(0)), Found(0.8, Cell(3), 2), Found(0.75, Cell(2)), Found(0.7, Nowhere(1), 1),
            Found(0.94, Nowhere(0), 1, 1), Found(0.84, Cell(1), 0, 1), Found(0.74, Cell(0), 1, 1), Found(0.64, Nowhere(0), 3, 1), Found(0.54, Cell(1), 1, 1),
        ];
        DetectionScore score = DetectionScore.Of(Truth.Of(["thing", "other"], images), detections);
        foreach (int[] counts in (int[][])[[1, 1, 1, 1], [2, 0, 1, 1], [0, 3, 0, 1], [1, 1, 0, 2]])
        {
            int[] drawn = [.. counts.SelectMany((count, image) => Enumerable.Repeat(image, count))];
            ScoredBox[] repeated = [.. drawn.SelectMany((image, copy) => detections.Where(found => found.Image == image).Select(found => found with { Image = copy }))];
            double expected = DetectionScore.Of(Truth.Of(["thing", "other"], [.. drawn.Select(image => images[image])]), repeated).Map11;
            Assert.Equal(expected, BootstrapInterval.Map11(score, counts), 12);
        }
    }

    [Fact]
    public void TheDifferenceOfAScoreWithItself_IsNothing()
    {
        DetectionScore score = DetectionScore.Of(Truth.Of(["thing"], [Item(Cell(0))], [Item(Cell(1))], []), [Found(0.9, Cell(0)), Found(0.8, Nowhere(0), 2)]);
        Assert.Equal(new BootstrapInterval(0, 0), BootstrapInterval.OfDifference(score, score));
        Assert.Throws<ArgumentException>(() => BootstrapInterval.OfDifference(score, DetectionScore.Of(Truth.Of(["thing"], [Item(Cell(0))]), [])));
    }

    [Fact]
    public void WithoutObjects_ThereIsNone() =>
        Assert.True(double.IsNaN(BootstrapInterval.Of(DetectionScore.Of(Truth.Of(["thing"], []), [])).Low));
}
