using System.Globalization;

namespace IlgpuSpp.Reports;

/// <summary>The range of an axis with its ticks at round numbers, linear or logarithmic.</summary>
internal sealed class ChartAxis
{
    // Beyond this a value is a sign that training diverged; drawing it would flatten everything else and overflow the span.
    internal const double LargestValue = 1e100;

    private readonly string format;

    private ChartAxis(double minimum, double maximum, bool logarithmic, IReadOnlyList<double> ticks, string format)
    {
        Minimum = minimum;
        Maximum = maximum;
        Logarithmic = logarithmic;
        Ticks = ticks;
        this.format = format;
    }

    /// <summary>The value at the axis's start.</summary>
    public double Minimum { get; }

    /// <summary>The value at the axis's end, above <see cref="Minimum"/>.</summary>
    public double Maximum { get; }

    /// <summary>Whether equal distances are equal ratios.</summary>
    public bool Logarithmic { get; }

    /// <summary>The values to mark, ascending, each between the ends.</summary>
    public IReadOnlyList<double> Ticks { get; }

    /// <summary>A linear axis whose ticks are multiples of 1, 2 or 5 times a power of ten.</summary>
    /// <param name="minimum">The smallest value to be drawn, finite.</param>
    /// <param name="maximum">The largest value to be drawn, finite and not below <paramref name="minimum"/>.</param>
    /// <param name="intervals">The most intervals between ticks inside the range, at least 1.</param>
    /// <param name="widen">Whether the axis is widened to ticks at both ends.</param>
    /// <param name="whole">Whether ticks are whole numbers only.</param>
    /// <returns>The axis.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The range is empty or not finite.</exception>
    public static ChartAxis Linear(double minimum, double maximum, int intervals = 5, bool widen = true, bool whole = false)
    {
        CheckRange(minimum, maximum);
        ArgumentOutOfRangeException.ThrowIfLessThan(intervals, 1);
        var magnitude = Math.Max(Math.Abs(minimum), Math.Abs(maximum));
        if (maximum - minimum <= magnitude * 1e-9)
        {
            var half = whole || magnitude == 0 ? 0.5 : magnitude * 0.1;
            minimum -= half;
            maximum += half;
        }

        var (digit, exponent) = NiceStep((maximum - minimum) / intervals, whole);
        var step = Multiple(1, digit, exponent);
        // A thousandth of a step is rounding: 0.3 / 0.1 must count as 3.
        var first = widen ? Math.Floor((minimum / step) + 1e-3) : Math.Ceiling((minimum / step) - 1e-3);
        var last = widen ? Math.Ceiling((maximum / step) - 1e-3) : Math.Floor((maximum / step) + 1e-3);
        var ticks = new List<double>();
        for (var k = first; k <= last; k++)
            ticks.Add(Multiple(k, digit, exponent));
        var decimals = Math.Max(0, -exponent);
        var format = decimals > 3 || (magnitude >= 1e5 && exponent >= 3) ? "0.##e-0" : decimals == 0 ? "0" : "0." + new string('0', decimals);
        return widen
            ? new ChartAxis(ticks[0], ticks[^1], false, ticks, format)
            : new ChartAxis(minimum, maximum, false, ticks, format);
    }

    /// <summary>A logarithmic axis, widened to ticks at 1, 2 and 5 times powers of ten, or at powers of ten where the range is wide.</summary>
    /// <param name="minimum">The smallest value to be drawn, positive.</param>
    /// <param name="maximum">The largest value to be drawn, not below <paramref name="minimum"/>.</param>
    /// <returns>The axis.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The range is empty, not positive or not finite.</exception>
    public static ChartAxis Log(double minimum, double maximum)
    {
        CheckRange(minimum, maximum);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(minimum);
        // The margin keeps 0.001, whose logarithm is a hair off -3, at its own decade.
        var low = (int)Math.Floor(Math.Log10(minimum) + 1e-9);
        var high = (int)Math.Ceiling(Math.Log10(maximum) - 1e-9);
        if (high <= low)
            high = low + 1;
        double[] digits = high - low <= 2 ? [1, 2, 5] : [1];
        var stride = Math.Max(1, (high - low + 7) / 8);
        var all = new List<double>();
        for (var exponent = low; exponent <= high; exponent += stride)
        {
            foreach (var digit in digits)
                all.Add(Multiple(1, digit, exponent));
        }

        if (all[^1] < maximum * (1 - 1e-9))
            all.Add(Multiple(1, 1, high));
        var start = all.FindLastIndex(tick => tick <= minimum * (1 + 1e-9));
        var end = all.FindIndex(tick => tick >= maximum * (1 - 1e-9));
        if (start == end)
            (start, end) = (Math.Max(0, start - 1), Math.Min(all.Count - 1, end + 1));
        var ticks = all[start..(end + 1)];
        return new ChartAxis(ticks[0], ticks[^1], true, ticks, "");
    }

    /// <summary>Where a value lies along the axis.</summary>
    /// <param name="value">The value, in the axis's units; positive where the axis is logarithmic.</param>
    /// <returns>0 at <see cref="Minimum"/>, 1 at <see cref="Maximum"/>.</returns>
    public double Position(double value) => Logarithmic
        ? Math.Log(value / Minimum) / Math.Log(Maximum / Minimum)
        : (value - Minimum) / (Maximum - Minimum);

    /// <summary>A tick's label, with as many decimals as the step between ticks needs.</summary>
    /// <param name="tick">One of <see cref="Ticks"/>.</param>
    /// <returns>The label.</returns>
    public string Label(double tick)
    {
        if (tick == 0)
            return "0";
        if (Logarithmic)
            return tick.ToString(tick is < 1e-3 or >= 1e5 ? "0.##e-0" : "0.###", CultureInfo.InvariantCulture);
        return tick.ToString(format, CultureInfo.InvariantCulture);
    }

    private static (int Digit, int Exponent) NiceStep(double rough, bool whole)
    {
        if (whole && rough <= 1)
            return (1, 0);
        var exponent = (int)Math.Floor(Math.Log10(rough));
        var fraction = rough / Math.Pow(10, exponent);
        return fraction switch
        {
            <= 1 + 1e-9 => (1, exponent),
            <= 2 + 1e-9 => (2, exponent),
            <= 5 + 1e-9 => (5, exponent),
            _ => (1, exponent + 1),
        };
    }

    // Division by a power of ten rounds once; multiplication by its inverse twice, and 3 * 0.1 is not 0.3.
    private static double Multiple(double k, double digit, int exponent) =>
        exponent < 0 ? k * digit / Math.Pow(10, -exponent) : k * digit * Math.Pow(10, exponent);

    private static void CheckRange(double minimum, double maximum)
    {
        if (!(Math.Abs(minimum) <= LargestValue && Math.Abs(maximum) <= LargestValue))
            throw new ArgumentOutOfRangeException(nameof(minimum), $"An axis from {minimum} to {maximum} cannot be drawn; both ends must be finite and within {LargestValue:0e0}.");
        ArgumentOutOfRangeException.ThrowIfLessThan(maximum, minimum);
    }
}
