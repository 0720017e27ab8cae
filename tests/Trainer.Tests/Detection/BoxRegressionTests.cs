using IlgpuSpp.Detection;
using static IlgpuSpp.Detection.Tests.Truth;

namespace IlgpuSpp.Training.Tests;

/// <summary>The pieces of box regression against their definitions.</summary>
public sealed class BoxRegressionTests
{
    [Fact]
    public void Encoding_OfKnownBoxes()
    {
        // A window of 10x20 pixels; the object is 5 to the right, 4 higher, twice as wide and as high.
        var values = new double[4];
        BoxEncoding.Encode(Box(10, 10, 19, 29), Box(10, -4, 29, 35), values);
        Assert.Equal([0.5, -0.2, Math.Log(2), Math.Log(2)], values.Select(v => Math.Round(v, 12)).Zip([0.5, -0.2, Math.Log(2), Math.Log(2)], (a, b) => Math.Abs(a - b) < 1e-11 ? b : a));
        Assert.Equal(Box(10, 10, 19, 29), BoxEncoding.Decode(Box(10, 10, 19, 29), [0, 0, 0, 0]));
    }

    [Theory]
    [InlineData(3, 4, 30, 9, -5, 2, 40, 40)]
    [InlineData(0, 0, 0, 0, 7, 7, 9, 30)]
    public void Encoding_DecodesToTheObject(double a, double b, double c, double d, double e, double f, double g, double h)
    {
        var values = new double[4];
        BoxEncoding.Encode(Box(a, b, c, d), Box(e, f, g, h), values);
        PixelBox back = BoxEncoding.Decode(Box(a, b, c, d), values);
        Assert.Equal([e, f, g, h], [Math.Round(back.Left, 9), Math.Round(back.Top, 9), Math.Round(back.Right, 9), Math.Round(back.Bottom, 9)]);
    }

    [Theory]
    [InlineData(12, 30, 0.5)]
    [InlineData(40, 9, 4000)]
    public void Ridge_PrimalEqualsDual(int examples, int features, double lambda)
    {
        (float[][] x, double[][] y) = Problem(examples, features);
        double[][] primal = RidgeRegression.Solve(x, y, lambda, RidgeForm.Primal), dual = RidgeRegression.Solve(x, y, lambda, RidgeForm.Dual);
        for (int t = 0; t < 4; t++)
            for (int k = 0; k <= features; k++) Assert.Equal(primal[t][k], dual[t][k], 9);
    }

    [Fact]
    public void Ridge_HasNoGradientAtItsSolution()
    {
        const double Lambda = 2.5;
        (float[][] x, double[][] y) = Problem(25, 7);
        double[][] beta = RidgeRegression.Solve(x, y, Lambda);
        for (int t = 0; t < 4; t++)
        {
            for (int k = 0; k <= 7; k++)
            {
                double gradient = Lambda * beta[t][k];
                for (int i = 0; i < x.Length; i++)
                {
                    double residual = beta[t][7] - y[i][t];
                    for (int j = 0; j < 7; j++) residual += beta[t][j] * x[i][j];
                    gradient += residual * (k < 7 ? x[i][k] : 1);
                }
                Assert.InRange(gradient, -1e-8, 1e-8);
            }
        }
    }

    [Fact]
    public void Whitening_MakesTheCovarianceNearlyOne()
    {
        (_, double[][] y) = Problem(500, 3);
        // Mixed and shifted, so that the axes are not the eigenvectors.
        double[][] targets = [.. y.Select(r => new[] { r[0] + 0.5 * r[1] + 3, r[1] - r[2], 2 * r[2] + 0.1 * r[3], r[3] - 1 })];
        var whitening = new TargetWhitening(targets);
        double[][] white = [.. targets.Select(target => whitening.Whiten(target, 1))];
        for (int i = 0; i < 4; i++)
        {
            Assert.Equal(0, white.Average(r => r[i]), 9);
            // V·diag(D/(D + 0.001))·Vᵀ with eigenvalues D above 0.3: within 0.001/0.3 of the identity.
            for (int j = 0; j < 4; j++) Assert.InRange(white.Average(r => r[i] * r[j]) - (i == j ? 1 : 0), -0.0034, 0.0034);
        }
        // Weights that say "the whitened target is (1, 2, 3, 4)" must say the target itself when turned back.
        double[][] back = whitening.Unwhiten([[1], [2], [3], [4]]);
        Assert.Equal([1, 2, 3, 4], whitening.Whiten([.. back.Select(r => r[0])], 1).Select(v => Math.Round(v, 9)));
    }

    // First and last weight and constant of each of the four numbers, by box_regression.py (NumPy 1.24) in this folder; 31 windows of 6 features are added up, 35 of 40 are kept.
    [Theory]
    [InlineData(6, false, new[] { -0.00508778, -0.01821205, 0.01390923, 0.001651637, 0.0003647316, 0.003094107, -0.02059411, 0.001507454, -0.04465374, 0.001252452, -0.02660446, 0.03131163 })]
    [InlineData(6, true, new[] { -0.006592107, -0.03776619, 0.01407886, 0.0004110799, 0.006046439, 0.003179005, -0.04006115, 0.000822351, -0.04486934, 0.006746153, -0.05525857, 0.03176934 })]
    [InlineData(40, false, new[] { -0.000997381, -0.00152169, -0.002173303, 3.83277e-05, -0.002236497, 0.02156055, 0.001662605, -0.00107661, 0.02181659, 0.00281048, 0.002054396, 0.005234079 })]
    public void WeightsAreThoseOfAPlainTranscription(int length, bool rcnnAndCorners, double[] expected)
    {
        using Backend backend = SmallDetection.Open();
        using var windows = new HandMadeWindows(backend, length);
        long state = 4711;
        for (int image = 0; image < 3; image++)
        {
            PixelBox item = Box(100 + 10 * image, 80, 219, 199 + 5 * image);
            windows.Add([Item(item)], [.. Enumerable.Range(0, 12).Select(window =>
            {
                PixelBox box = window == 0 ? item : Box(item.Left + Shift(), item.Top + Shift(), item.Right + Shift(), item.Bottom + Shift());
                return (box, Enumerable.Range(0, length).Select(_ => (float)Next()).ToArray());
            })]);
        }
        BoxRegressionOptions options = rcnnAndCorners ? new BoxRegressionOptions { Lambda = 1000 } : new BoxRegressionOptions();
        double[][] weights = BoxRegression.Train(windows.Images("thing"), backend, options, rcnnAndCorners ? BoxSides.Corners : BoxSides.Pixels, 1, null, CancellationToken.None);
        double[] found = [.. weights.SelectMany(row => new[] { row[0], row[length - 1], row[length] })];
        for (int i = 0; i < found.Length; i++) Assert.Equal(expected[i], found[i], 1e-4 * Math.Max(Math.Abs(expected[i]), 0.01));

        double Next()
        {
            state = (1103515245 * state + 12345) % (1L << 31);
            return state / (double)(1L << 31) * 2 - 1;
        }

        double Shift() => Math.Floor(30 * Next());
    }

    // Section 4.5: regression learns from the images whose windows are looked for.
    [Fact]
    public void ImagesWhoseObjectsAloneAreLearntFrom_TeachNoBoxes()
    {
        using Backend backend = SmallDetection.Open();
        double[][] Weights(bool more)
        {
            using var windows = new HandMadeWindows(backend, 2);
            windows.Add([Item(Box(100, 100, 199, 199))], (Box(100, 100, 199, 199), [1, 0]), (Box(110, 100, 209, 199), [0, 1]), (Box(100, 90, 199, 199), [0.5f, 0.5f]));
            if (more) windows.AddObjects([Item(Box(0, 0, 99, 99))], (Box(0, 0, 99, 99), [9, 9]), (Box(20, 0, 119, 99), [7, 1]));
            return BoxRegression.Train(windows.Images("thing"), backend, new BoxRegressionOptions(), BoxSides.Pixels, 1, null, CancellationToken.None);
        }

        Assert.Equal(Weights(more: false), Weights(more: true));
        Assert.Contains(Weights(more: true), row => row.Any(weight => weight != 0));
    }

    [Fact]
    public void SidesOfCorners_AreShorterByAPixel()
    {
        var values = new double[4];
        // Corners 10 and 20 pixels apart: the object's middle is 5 to the right and its sides are twice as long.
        BoxEncoding.Encode(Box(10, 10, 20, 30), Box(10, 0, 30, 40), values, BoxSides.Corners);
        double[] expected = [0.5, 0, Math.Log(2), Math.Log(2)];
        for (int i = 0; i < 4; i++) Assert.Equal(expected[i], values[i], 1e-12);
        PixelBox back = BoxEncoding.Decode(Box(10, 10, 20, 30), values, BoxSides.Corners);
        Assert.Equal((10, 0, 30, 40), (Math.Round(back.Left, 9), Math.Round(back.Top, 9), Math.Round(back.Right, 9), Math.Round(back.Bottom, 9)));
    }

    private static (float[][] X, double[][] Y) Problem(int examples, int features)
    {
        var random = new RandomStream(new RandomKey(7, 1, 0));
        return (
            [.. Enumerable.Range(0, examples).Select(_ => Enumerable.Range(0, features).Select(_ => random.NextNormal()).ToArray())],
            [.. Enumerable.Range(0, examples).Select(_ => Enumerable.Range(0, 4).Select(_ => (double)random.NextNormal()).ToArray())]);
    }
}
