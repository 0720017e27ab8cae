using static IlgpuSpp.Detection.Tests.Truth;

namespace IlgpuSpp.Detection.Tests;

/// <summary>VOC's matching and average precision on cases worked out by hand.</summary>
public sealed class VocScoreTests
{
    private static ClassScore Single(AnnotatedObject[][] images, params ScoredBox[] detections) => DetectionScore.Of(Truth.Of(["thing"], images), detections).Classes[0];

    [Fact]
    public void DifficultDuplicateAndMissing()
    {
        // Three objects that count, one difficult. Finds at ranks 1 and 4, a duplicate at 2, one on the difficult object at 3, a miss at 5.
        ClassScore score = Single(
            [[Item(Cell(0)), Item(Cell(1)), Item(Cell(2)), Item(Cell(3), difficult: true)]],
            Found(0.9, Cell(0)), Found(0.8, Cell(0)), Found(0.7, Cell(3)), Found(0.6, Cell(1)), Found(0.5, Nowhere(0)));
        Assert.Equal([MatchOutcome.TruePositive, MatchOutcome.Duplicate, MatchOutcome.Ignored, MatchOutcome.TruePositive, MatchOutcome.FalsePositive], score.Matches.Select(m => m.Outcome));
        Assert.Equal((3, 1, 5), (score.Positives, score.Difficult, score.Detections));
        Assert.Equal([1.0 / 3, 1.0 / 3, 2.0 / 3, 2.0 / 3], score.Curve.Recall);
        Assert.Equal([1.0, 1.0 / 2, 2.0 / 3, 2.0 / 4], score.Curve.Precision);
        // Recalls 0 to 0.3 have precision 1, 0.4 to 0.6 have 2/3, the others 0.
        Assert.Equal((4 * 1.0 + 3 * (2.0 / 3)) / 11, score.Curve.ElevenPoint, 15);
        Assert.Equal(1.0 / 3 + 1.0 / 3 * (2.0 / 3), score.Curve.Area, 15);
    }

    [Fact]
    public void RecallOnAThresholdCounts()
    {
        // 3 of 10 objects, all detections right: recall is exactly 0.3, so four of the eleven points have precision 1.
        AnnotatedObject[] objects = [.. Enumerable.Range(0, 10).Select(i => Item(Cell(i)))];
        Assert.Equal(4.0 / 11, Single([objects], [.. Enumerable.Range(0, 3).Select(i => Found(1 - i * 0.1, Cell(i)))]).Curve.ElevenPoint, 15);
        Assert.Equal(8.0 / 11, Single([objects], [.. Enumerable.Range(0, 7).Select(i => Found(1 - i * 0.1, Cell(i)))]).Curve.ElevenPoint, 15);
        Assert.Equal(1.0, Single([objects], [.. Enumerable.Range(0, 10).Select(i => Found(1 - i * 0.1, Cell(i)))]).Curve.ElevenPoint, 15);
    }

    [Fact]
    public void OverlapOfExactlyAHalfIsAFind()
    {
        // 10x10 against 10x5 inside it: 50 of 100 pixels.
        Assert.Equal(MatchOutcome.TruePositive, Single([[Item(Box(0, 0, 9, 9))]], Found(1, Box(0, 0, 9, 4))).Matches[0].Outcome);
        Assert.Equal(MatchOutcome.FalsePositive, Single([[Item(Box(0, 0, 9, 9))]], Found(1, Box(0, 0, 9, 3))).Matches[0].Outcome);
    }

    [Fact]
    public void TheLargestOverlapDecides_EvenWhereItIsTakenOrDifficult()
    {
        // The second detection overlaps the found object most, so it is a duplicate although a free object would do.
        PixelBox left = Box(0, 0, 9, 9), right = Box(2, 0, 11, 9), between = Box(1, 0, 9, 9);
        Assert.True(BoxOverlap.IntersectionOverUnion(between, left) > BoxOverlap.IntersectionOverUnion(between, right));
        Assert.Equal(
            [MatchOutcome.TruePositive, MatchOutcome.Duplicate],
            Single([[Item(left), Item(right)]], Found(2, left), Found(1, between)).Matches.Select(m => m.Outcome));
        Assert.Equal(MatchOutcome.Ignored, Single([[Item(left, difficult: true), Item(right)]], Found(1, between)).Matches[0].Outcome);
        // Of equal overlaps the first object counts.
        Assert.Equal(MatchOutcome.Ignored, Single([[Item(left, difficult: true), Item(left)]], Found(1, left)).Matches[0].Outcome);
        Assert.Equal(MatchOutcome.TruePositive, Single([[Item(left), Item(left, difficult: true)]], Found(1, left)).Matches[0].Outcome);
    }

    [Fact]
    public void TiesKeepTheirOrder()
    {
        ClassScore wrongFirst = Single([[Item(Cell(0))]], Found(0.5, Nowhere(0)), Found(0.5, Cell(0)));
        ClassScore rightFirst = Single([[Item(Cell(0))]], Found(0.5, Cell(0)), Found(0.5, Nowhere(0)));
        Assert.Equal(0.5, wrongFirst.Curve.Area);
        Assert.Equal(1.0, rightFirst.Curve.Area);
    }

    [Fact]
    public void ClassesWithoutObjectsOrDetections()
    {
        // Class 0 is found, class 1 is never detected, class 2 has no objects, class 3 only a difficult one.
        DetectionScore score = DetectionScore.Of(
            Truth.Of(["a", "b", "c", "d"], [Item(Cell(0)), Item(Cell(1), 1)], [Item(Cell(0), 3, difficult: true)], []),
            [Found(1, Cell(0)), Found(0.5, Cell(0), label: 2), Found(0.5, Cell(0), image: 1, label: 3), Found(0.1, Cell(5), image: 2, label: 0)]);
        Assert.Equal([1.0, 0.0], score.Classes.Take(2).Select(c => c.Curve.ElevenPoint));
        Assert.True(double.IsNaN(score.Classes[2].Curve.ElevenPoint) && double.IsNaN(score.Classes[3].Curve.Area));
        Assert.Equal(0.5, score.Map11);
        Assert.Equal(0.5, score.MapArea);
        Assert.Equal(3, score.Images);
    }

    [Fact]
    public void NothingAtAll()
    {
        Assert.True(double.IsNaN(DetectionScore.Of(Truth.Of(["a"], []), []).Map11));
        Assert.Equal(0, DetectionScore.Of(Truth.Of(["a"], [Item(Cell(0))]), []).Map11);
    }

    [Fact]
    public void CurveIsMadeFalling()
    {
        // Wrong, right, right, wrong, right of 4 objects: precision 0, 1/2, 2/3, 1/2, 3/5; the best at or behind each is 2/3, 2/3, 2/3, 3/5, 3/5.
        ClassScore score = Single(
            [[.. Enumerable.Range(0, 4).Select(i => Item(Cell(i)))]],
            Found(5, Nowhere(0)), Found(4, Cell(0)), Found(3, Cell(1)), Found(2, Nowhere(1)), Found(1, Cell(2)));
        Assert.Equal(0.5 * (2.0 / 3) + 0.25 * 0.6, score.Curve.Area, 15);
        // Recalls 0 to 0.5 have 2/3, 0.6 and 0.7 have 3/5.
        Assert.Equal((6 * (2.0 / 3) + 2 * 0.6) / 11, score.Curve.ElevenPoint, 15);
    }
}
