namespace IlgpuSpp.Reports.Tests;

public sealed class ChartAxisTests
{
    public static TheoryData<double, double, double[], string[]> LinearCases => new()
    {
        { 0, 1, [0, 0.2, 0.4, 0.6, 0.8, 1], ["0", "0.2", "0.4", "0.6", "0.8", "1.0"] },
        { 0.07, 2.31, [0, 0.5, 1, 1.5, 2, 2.5], ["0", "0.5", "1.0", "1.5", "2.0", "2.5"] },
        { -3, 12, [-5, 0, 5, 10, 15], ["-5", "0", "5", "10", "15"] },
        { 0, 0.3, [0, 0.1, 0.2, 0.3], ["0", "0.1", "0.2", "0.3"] },
        { 480, 540, [480, 500, 520, 540], ["480", "500", "520", "540"] },
        { 0, 0.0001, [0, 0.00002, 0.00004, 0.00006, 0.00008, 0.0001], ["0", "2e-5", "4e-5", "6e-5", "8e-5", "1e-4"] },
        { 0, 250_000, [0, 50_000, 100_000, 150_000, 200_000, 250_000], ["0", "5e4", "1e5", "1.5e5", "2e5", "2.5e5"] },
        { 7, 7, [6, 6.5, 7, 7.5, 8], ["6.0", "6.5", "7.0", "7.5", "8.0"] },
    };

    public static TheoryData<double, double, double[], string[]> LogCases => new()
    {
        { 0.0001, 0.01, [0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01], ["1e-4", "2e-4", "5e-4", "0.001", "0.002", "0.005", "0.01"] },
        { 0.3, 40, [0.1, 1, 10, 100], ["0.1", "1", "10", "100"] },
        { 0.3, 4, [0.2, 0.5, 1, 2, 5], ["0.2", "0.5", "1", "2", "5"] },
        { 1e-12, 1e4, [1e-12, 1e-10, 1e-8, 1e-6, 1e-4, 1e-2, 1, 100, 1e4], ["1e-12", "1e-10", "1e-8", "1e-6", "1e-4", "0.01", "1", "100", "10000"] },
        { 1, 1, [1, 2], ["1", "2"] },
    };

    [Theory]
    [MemberData(nameof(LinearCases))]
    public void Linear_ticks_are_round(double minimum, double maximum, double[] ticks, string[] labels)
    {
        var axis = ChartAxis.Linear(minimum, maximum);

        Assert.Equal(ticks, axis.Ticks);
        Assert.Equal(labels, axis.Ticks.Select(axis.Label));
        Assert.Equal(ticks[0], axis.Minimum);
        Assert.Equal(ticks[^1], axis.Maximum);
    }

    [Theory]
    [MemberData(nameof(LogCases))]
    public void Log_ticks_are_round(double minimum, double maximum, double[] ticks, string[] labels)
    {
        var axis = ChartAxis.Log(minimum, maximum);

        Assert.Equal(ticks, axis.Ticks);
        Assert.Equal(labels, axis.Ticks.Select(axis.Label));
        Assert.True(axis.Minimum <= minimum && axis.Maximum >= maximum);
    }

    [Theory]
    [InlineData(1, 40, new double[] { 5, 10, 15, 20, 25, 30, 35, 40 })]
    [InlineData(1, 3, new double[] { 1, 2, 3 })]
    [InlineData(1, 1, new double[] { 1 })]
    public void Whole_ticks_stay_inside_an_axis_that_is_not_widened(int minimum, int maximum, double[] ticks)
    {
        Assert.Equal(ticks, ChartAxis.Linear(minimum, maximum, 8, widen: false, whole: true).Ticks);
    }

    [Fact]
    public void Log_positions_are_ratios()
    {
        var axis = ChartAxis.Log(0.01, 100);

        Assert.Equal(0.25, axis.Position(0.1), 12);
        Assert.Equal(0.5, axis.Position(1), 12);
        // log10(2) = 0.30103
        Assert.Equal(0.5 + (0.30103 / 4), axis.Position(2), 5);
    }

    [Theory]
    [InlineData(double.NaN, 1)]
    [InlineData(0, double.PositiveInfinity)]
    [InlineData(2, 1)]
    public void Impossible_range_is_refused(double minimum, double maximum)
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => ChartAxis.Linear(minimum, maximum));
        Assert.Throws<ArgumentOutOfRangeException>(() => ChartAxis.Log(minimum, maximum));
    }

    [Fact]
    public void Log_of_nothing_is_refused() => Assert.Throws<ArgumentOutOfRangeException>(() => ChartAxis.Log(0, 1));
}
