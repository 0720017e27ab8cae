using static IlgpuSpp.Detection.Tests.Truth;

namespace IlgpuSpp.Training.Tests;

/// <summary>The box layer's targets against values worked out by hand.</summary>
public sealed class BoxTargetTests
{
    [Fact]
    public void MeanAndDeviation_OfThreeWindows()
    {
        // Windows of 10x10 pixels. The objects are moved 1, 3 and 2 pixels to the right, are once twice as high, and never wider.
        BoxTargets targets = BoxTargets.Of(
        [
            (Box(0, 0, 9, 9), Box(1, 0, 10, 9)),
            (Box(0, 0, 9, 9), Box(3, 0, 12, 9)),
            (Box(0, 0, 9, 9), Box(2, -5, 11, 14)),
        ]);
        // (0.1, 0.3, 0.2): mean 0.2, variance 0.02/3. Heights ln 1, ln 1, ln 2: mean ln 2 / 3, variance 2/9·ln²2. The centre's height and the width never change.
        double log = Math.Log(2);
        foreach ((double expected, double actual) in new double[] { 0.2, 0, 0, log / 3 }.Zip(targets.Mean)) Assert.Equal(expected, actual, 12);
        foreach ((double expected, double actual) in new[] { Math.Sqrt(0.02 / 3), 1, 1, log * Math.Sqrt(2) / 3 }.Zip(targets.Deviation)) Assert.Equal(expected, actual, 12);

        var values = new float[4];
        targets.Encode(Box(0, 0, 9, 9), Box(3, 0, 12, 9), values);
        Assert.Equal([1.2247449f, 0f, 0f, -0.70710678f], values);
    }

    [Fact]
    public void NoWindows_LeaveTargetsAsTheyAre()
    {
        BoxTargets targets = BoxTargets.Of([]);
        Assert.Equal([0, 0, 0, 0], targets.Mean);
        Assert.Equal([1, 1, 1, 1], targets.Deviation);
    }

    [Fact]
    public void Denormalise_PredictsTheEncodingItself()
    {
        var targets = new BoxTargets([0.5, -1, 0, 2], [2, 3, 1, 0.5]);
        // Two classes, two hidden values.
        float[] weights = [1, 2, 3, 4, 5, 6, 7, 8, -1, -2, -3, -4, -5, -6, -7, -8], biases = [1, 1, 1, 1, 0, 0, 0, 0];
        targets.Denormalise(weights, biases);
        Assert.Equal([2, 4, 9, 12, 5, 6, 3.5f, 4, -2, -4, -9, -12, -5, -6, -3.5f, -4], weights);
        Assert.Equal([2.5f, 2, 1, 2.5f, 0.5f, -1, 0, 2], biases);
    }
}
