using static IlgpuSpp.Detection.Tests.Truth;

namespace IlgpuSpp.Detection.Tests;

/// <summary>COCO's matching and average precision on cases worked out by hand, and the causes of false positives.</summary>
public sealed class CocoScoreTests
{
    [Fact]
    public void AveragesOverOverlaps()
    {
        // 10x10 against 10x8 inside it: an overlap of 0.8 passes 0.5 to 0.8, seven of ten thresholds.
        DetectionScore score = DetectionScore.Of(Truth.Of(["a"], [Item(Box(0, 0, 9, 9))]), [Found(1, Box(0, 0, 9, 7))]);
        Assert.Equal(0.7, score.MapCoco, 12);
    }

    [Fact]
    public void ASecondDetectionMayFindTheNeighbour()
    {
        PixelBox left = Box(0, 0, 9, 9), right = Box(2, 0, 11, 9), between = Box(1, 0, 9, 9);
        IReadOnlyList<AnnotatedImage> images = Truth.Of(["a"], [Item(left), Item(right)]).Images;
        ScoredBox[] detections = [Found(2, left), Found(1, between)];
        Assert.Equal([MatchOutcome.TruePositive, MatchOutcome.TruePositive], CocoMatching.Match(images, detections, 0, 0.5).Select(m => m.Outcome));
        // The neighbour's overlap is 8/11.
        Assert.Equal([MatchOutcome.TruePositive, MatchOutcome.FalsePositive], CocoMatching.Match(images, detections, 0, 0.75).Select(m => m.Outcome));
    }

    [Fact]
    public void DifficultObjectsComeLastAndAreNeverUsedUp()
    {
        IReadOnlyList<AnnotatedImage> images = Truth.Of(["a"], [Item(Box(0, 0, 9, 9), difficult: true), Item(Box(0, 0, 9, 7))]).Images;
        ScoredBox whole = Found(1, Box(0, 0, 9, 9));
        Assert.Equal(
            [MatchOutcome.TruePositive, MatchOutcome.Ignored, MatchOutcome.Ignored],
            CocoMatching.Match(images, [whole, whole, whole], 0, 0.5).Select(m => m.Outcome));
    }

    /// <summary>pycocotools' rule: a crowd's overlap is the intersection over the detection's area, and a crowd is never used up.</summary>
    [Fact]
    public void DetectionsInsideACrowdCountNeitherWay()
    {
        AnnotatedObject crowd = new(0, Box(0, 0, 99, 99), Crowd: true), alone = Item(Box(200, 0, 209, 9));
        DetectionDataset truth = Truth.Of(["a"], [crowd, alone]);
        // Inside; inside once more; 60 of 100 columns inside; 40 of 100 inside.
        ScoredBox[] detections = [Found(5, Box(10, 10, 19, 19)), Found(4, Box(10, 10, 19, 19)), Found(3, Box(40, 0, 139, 9)), Found(2, Box(60, 0, 159, 9)), Found(1, Box(200, 0, 209, 9))];
        MatchOutcome[] expected = [MatchOutcome.Ignored, MatchOutcome.Ignored, MatchOutcome.Ignored, MatchOutcome.FalsePositive, MatchOutcome.TruePositive];
        Assert.Equal(expected, CocoMatching.Match(truth.Images, detections, 0, 0.5).Select(m => m.Outcome));
        Assert.Equal(expected, VocMatching.Match(truth.Images, detections, 0).Select(m => m.Outcome));
        Assert.Equal(MatchOutcome.FalsePositive, CocoMatching.Match(truth.Images, detections, 0, 0.75)[2].Outcome);
        Assert.Equal((1, 1), (DetectionScore.Of(truth, detections).Classes[0].Positives, DetectionScore.Of(truth, detections).Classes[0].Difficult));
        // The same box as a difficult object is overlapped by a hundredth.
        Assert.Equal(MatchOutcome.FalsePositive, CocoMatching.Match(Truth.Of(["a"], [crowd with { Crowd = false, Difficult = true }]).Images, [detections[0]], 0, 0.5)[0].Outcome);
    }

    [Fact]
    public void OneHundredDetectionsCountInAnImage()
    {
        IReadOnlyList<AnnotatedImage> images = Truth.Of(["a"], [Item(Cell(0))], []).Images;
        ScoredBox[] many = [.. Enumerable.Range(0, 150).Select(i => Found(-i, Cell(0))), Found(-500, Cell(0), image: 1)];
        Assert.Equal(101, CocoMatching.Match(images, many, 0, 0.5).Count);
    }

    [Fact]
    public void HundredOnePoints()
    {
        // Half of the objects, all right: recalls 0 to 0.50, 51 of 101.
        AnnotatedObject[] objects = [Item(Cell(0)), Item(Cell(1))];
        DetectionScore score = DetectionScore.Of(Truth.Of(["a"], objects), [Found(1, Cell(0))]);
        Assert.Equal(51.0 / 101, score.MapCoco, 12);
    }

    [Fact]
    public void CausesOfFalsePositives()
    {
        AnnotatedObject[] objects =
        [
            .. Enumerable.Range(0, 6).Select(i => Item(Cell(i), 0)), Item(Cell(10), 1), Item(Cell(11), 2),
        ];
        DetectionDataset truth = Truth.Of(["dog", "cat", "sofa"], objects);
        // Right; duplicate; badly placed (overlap 0.3 of cell 1); on a cat; on a sofa; on nothing; the seventh is beyond the six that are looked at.
        ClassScore score = DetectionScore.Of(truth,
        [
            Found(9, Cell(0)), Found(8, Cell(0)), Found(7, Box(20, 0, 29, 2)), Found(6, Cell(10)), Found(5, Cell(11)), Found(4, Nowhere(0)), Found(3, Nowhere(1)),
        ]).Classes[0];
        Assert.Equal(new FalsePositiveCounts(2, 1, 1, 1), score.FalsePositives);
        Assert.Equal(5, score.FalsePositives.Total);
    }
}
