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
        double[][] white = [.. targets.Select(whitening.Whiten)];
        for (int i = 0; i < 4; i++)
        {
            Assert.Equal(0, white.Average(r => r[i]), 9);
            // V·diag(D/(D + 0.001))·Vᵀ with eigenvalues D above 0.3: within 0.001/0.3 of the identity.
            for (int j = 0; j < 4; j++) Assert.InRange(white.Average(r => r[i] * r[j]) - (i == j ? 1 : 0), -0.0034, 0.0034);
        }
        // Weights that say "the whitened target is (1, 2, 3, 4)" must say the target itself when turned back.
        double[][] back = whitening.Unwhiten([[1], [2], [3], [4]]);
        Assert.Equal([1, 2, 3, 4], whitening.Whiten([.. back.Select(r => r[0])]).Select(v => Math.Round(v, 9)));
    }

    private static (float[][] X, double[][] Y) Problem(int examples, int features)
    {
        var random = new RandomStream(new RandomKey(7, 1, 0));
        return (
            [.. Enumerable.Range(0, examples).Select(_ => Enumerable.Range(0, features).Select(_ => random.NextNormal()).ToArray())],
            [.. Enumerable.Range(0, examples).Select(_ => Enumerable.Range(0, 4).Select(_ => (double)random.NextNormal()).ToArray())]);
    }
}
