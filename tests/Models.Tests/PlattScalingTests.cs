using System.Globalization;

namespace IlgpuSpp.Models.Tests;

/// <summary>Against scikit-learn 1.2.1 (<c>sklearn.calibration._sigmoid_calibration</c>), its objective minimised once more by SciPy's BFGS to a gradient of 1e-12.</summary>
public class PlattScalingTests
{
    [Theory]
    [InlineData(-1.24637747, -0.06576047, "-1.4 -1.1 -0.9 +-0.7 -0.5 -0.3 +-0.1 +0.2 0.4 +0.9 +1.3")]
    [InlineData(-1.34799279, 0, "-1 -0.5 +0.5 +1")]
    [InlineData(0, 1.79175947, "-1.2 -0.8 -0.3 0.1 0.6")]
    [InlineData(0, -1.38629436, "+-0.2 +0.3 +0.9")]
    [InlineData(1.34799279, 0, "+-1 +-0.5 0.5 1")]
    public void TheFitIsScikitLearns(double a, double b, string examples)
    {
        string[] words = examples.Split(' ');
        PlattScaling fit = PlattScaling.Fit([.. words.Select(word => double.Parse(word.TrimStart('+'), CultureInfo.InvariantCulture))], [.. words.Select(word => word[0] == '+')]);
        Assert.Equal(a, fit.A, 2e-6);
        Assert.Equal(b, fit.B, 2e-6);
    }

    [Fact]
    public void ProbabilitiesLieBetween0And1AndFollowTheScore()
    {
        var fit = new PlattScaling(-2, 0.5);
        Assert.Equal(1 / (1 + Math.Exp(0.5)), fit.Probability(0), 1e-15);
        Assert.Equal(0.5, fit.Probability(0.25), 1e-15);
        Assert.Equal(0, fit.Probability(double.NegativeInfinity));
        Assert.Equal(1, fit.Probability(double.PositiveInfinity));
        Assert.Equal(1, fit.Probability(1e300));
        Assert.True(fit.Probability(-300) is > 0 and < 1e-200);
    }

    [Fact]
    public void WhatCannotBeFitted_IsRefused()
    {
        Assert.Throws<ArgumentException>(() => PlattScaling.Fit([], []));
        Assert.Throws<ArgumentException>(() => PlattScaling.Fit([1, 2], [true]));
        Assert.Contains("NaN", Assert.Throws<ArgumentException>(() => PlattScaling.Fit([1, double.NaN], [true, false])).Message, StringComparison.Ordinal);
    }
}
