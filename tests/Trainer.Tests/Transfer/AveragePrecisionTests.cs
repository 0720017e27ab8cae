using IlgpuSpp.Detection;

namespace IlgpuSpp.Training.Tests.Transfer;

public class AveragePrecisionTests
{
    // Hits at ranks 1, 3 and 5 of 3 positives: precisions 1, 2/3, 3/5 at recalls 1/3, 2/3, 1. Recalls 0 to 0.3 take 1, 0.4 to
    // 0.6 take 2/3, 0.7 to 1 take 3/5.
    [Theory]
    [InlineData(new[] { 0.9, 0.8, 0.7, 0.6, 0.5 }, new[] { 1, -1, 1, -1, 1 })]
    [InlineData(new[] { 0.5, 0.95, 0.6, 0.7, 0.65, 0.8, 0.9 }, new[] { 1, 0, -1, 1, 0, -1, 1 })] // difficult ones are as if they were not there
    public void AreThoseOfTheHandMadeRanking(double[] scores, int[] labels)
    {
        PrecisionRecallCurve precision = Training.Transfer.Curve(scores, labels);
        Assert.Equal((4 * 1 + 3 * 2 / 3.0 + 4 * 3 / 5.0) / 11, precision.ElevenPoint, 1e-12);
        Assert.Equal((1 + 2 / 3.0 + 3 / 5.0) / 3, precision.Area, 1e-12);
    }

    [Fact]
    public void APrecisionThatRisesLaterCounts()
    {
        // Precisions 1/2 and 2/3: made monotone, both are 2/3.
        PrecisionRecallCurve precision = Training.Transfer.Curve([3, 2, 1], [-1, 1, 1]);
        Assert.Equal(2 / 3.0, precision.ElevenPoint, 1e-12);
        Assert.Equal(2 / 3.0, precision.Area, 1e-12);
        Assert.True(double.IsNaN(Training.Transfer.Curve([1, 2], [-1, 0]).Area));

        // Ten positives, one hit at each recall of a tenth: 1/10 more at each step, nothing between.
        PrecisionRecallCurve all = Training.Transfer.Curve([.. Enumerable.Range(0, 20).Select(i => -(double)i)], [.. Enumerable.Range(0, 20).Select(i => i % 2 == 0 ? 1 : -1)]);
        double[] hits = [.. Enumerable.Range(1, 10).Select(k => k / (2.0 * k - 1))];
        Assert.Equal((hits[0] + hits.Sum()) / 11, all.ElevenPoint, 1e-12);
    }
}
