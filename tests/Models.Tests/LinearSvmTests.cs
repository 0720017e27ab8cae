namespace IlgpuSpp.Models.Tests;

/// <summary>
/// The support vector machine against liblinear (scikit-learn's LinearSVC with tol 1e-10 and enough iterations to converge, the
/// options as in the cases) on 150 examples of 12 features from a linear congruential generator.
/// </summary>
public class LinearSvmTests
{
    [Theory]
    [InlineData(SvmLoss.Hinge, 1, 0, 1, 1, 71.6037678, 1.64140008, -0.00925969, 0)] // -s 3 -c 1 -B -1
    [InlineData(SvmLoss.Hinge, 0.1, 10, 2, 1, 9.2421749, 0.63564655, 0.07713176, 1.07656550)] // -s 3 -c 0.1 -B 10 -w1 2
    [InlineData(SvmLoss.Hinge, 0.01, 1, 1, 1, 1.1865862, 0.34378334, 0.07080236, 0.44935214)] // -s 3 -c 0.01 -B 1
    [InlineData(SvmLoss.SquaredHinge, 1, 1, 1, 1, 70.4554205, 0.99815244, 0.10155909, 0.37349890)] // -s 1 -c 1 -B 1
    [InlineData(SvmLoss.SquaredHinge, 10, 1, 0.5, 3, 759.2660643, 1.03796378, 0.07705481, -0.21326070)] // -s 1 -c 10 -B 1 -w1 0.5 -w-1 3
    public void ObjectiveAndWeightsAreLiblinears(SvmLoss loss, double cost, double bias, double positive, double negative, double objective, double firstWeight, double ninthWeight, double shift)
    {
        (float[][] examples, bool[] sides) = Problem();
        Assert.Equal(102, sides.Count(side => side));
        var options = new LinearSvmOptions { Loss = loss, Cost = cost, BiasFeature = bias, PositiveWeight = positive, NegativeWeight = negative };

        LinearClassifier loose = LinearSvm.Train(examples, sides, options);
        Assert.Equal(1, loose.Objective / objective, 1e-3);

        LinearClassifier tight = LinearSvm.Train(examples, sides, options with { RelativeGap = 1e-7, MaximumPasses = 100_000 });
        Assert.Equal(1, tight.Objective / objective, 2e-6);
        Assert.Equal(firstWeight, tight.Weights[0], 1e-3);
        Assert.Equal(ninthWeight, tight.Weights[8], 1e-3);
        Assert.Equal(shift, tight.Bias, 1e-3);
    }

    [Fact]
    public void OneVersusRestTrainsEveryClassAlikeOnAnyNumberOfThreads()
    {
        (float[][] examples, _) = Problem();
        int[] labels = [.. examples.Select(x => x[0] > 0.3 ? 0 : x[1] > 0 ? 1 : 2)];
        var options = new LinearSvmOptions { Cost = 10 };
        LinearClassifier[] one = LinearSvm.TrainOneVersusRest(examples, labels, 3, options, 1), many = LinearSvm.TrainOneVersusRest(examples, labels, 3, options, 3);
        for (int c = 0; c < 3; c++)
        {
            Assert.Equal(one[c].Weights, many[c].Weights);
            Assert.Equal(one[c].Weights, LinearSvm.Train(examples, [.. labels.Select(label => label == c)], options).Weights);
        }
        int right = examples.Select((x, i) => one.Select((classifier, c) => (classifier.Score(x), c)).Max().c == labels[i] ? 1 : 0).Sum();
        Assert.InRange(right, 120, 150);
    }

    [Fact]
    public void UnusableProblemsAreRefused()
    {
        (float[][] examples, bool[] sides) = Problem();
        Assert.Throws<ArgumentException>(() => LinearSvm.Train(examples, sides[1..], new LinearSvmOptions()));
        Assert.Throws<ArgumentException>(() => LinearSvm.Train([[1, 2], [3]], [true, false], new LinearSvmOptions { Cost = 0 }));
        Assert.ThrowsAny<Exception>(() => LinearSvm.Train([[1, 2], [3]], [true, false], new LinearSvmOptions()));
        Assert.Throws<ArgumentException>(() => LinearSvm.Train(examples, sides, new LinearSvmOptions()).Score([1, 2]));
    }

    private static (float[][] Examples, bool[] Sides) Problem()
    {
        long state = 12345;
        var examples = new float[150][];
        var sides = new bool[150];
        for (int i = 0; i < 150; i++)
        {
            examples[i] = [.. Enumerable.Range(0, 12).Select(_ => (float)Next())];
            sides[i] = examples[i][0] - 0.7 * examples[i][1] + 0.5 * examples[i][2] + 0.3 + 0.9 * Next() > 0;
        }
        return (examples, sides);

        double Next()
        {
            state = (1103515245 * state + 12345) % (1L << 31);
            return state / (double)(1L << 31) * 2 - 1;
        }
    }
}
