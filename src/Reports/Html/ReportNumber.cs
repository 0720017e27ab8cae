using System.Globalization;

namespace IlgpuSpp.Reports;

/// <summary>Numbers as the reports write them, the same in every culture.</summary>
internal static class ReportNumber
{
    /// <summary>A share as a percentage with one decimal, for example <c>84.2%</c>.</summary>
    /// <param name="share">The share, 0 to 1.</param>
    /// <returns>The text; a dash for null and NaN.</returns>
    public static string Percent(double? share) =>
        share is { } value && double.IsFinite(value) ? (value * 100).ToString("0.0", CultureInfo.InvariantCulture) + "%" : "–";

    /// <summary>A number with four significant digits, for example <c>0.6931</c> or <c>1e-05</c>.</summary>
    /// <param name="value">The number.</param>
    /// <returns>The text; a dash for null, <c>NaN</c> and <c>Infinity</c> by name, because a loss may be either.</returns>
    public static string Significant(double? value) =>
        value is { } number ? number.ToString("G4", CultureInfo.InvariantCulture).Replace('E', 'e') : "–";

    /// <summary>A rate without more digits than it deserves: one decimal below 100, none above.</summary>
    /// <param name="value">The rate.</param>
    /// <returns>The text; a dash where it is not finite.</returns>
    public static string Rate(double value) =>
        double.IsFinite(value) ? value.ToString(Math.Abs(value) < 100 ? "0.0" : "#,0", CultureInfo.InvariantCulture) : "–";

    /// <summary>A moment with its time zone, for example <c>2026-02-03 14:05 UTC+01:00</c>.</summary>
    /// <param name="moment">The moment.</param>
    /// <returns>The text.</returns>
    public static string Time(DateTimeOffset moment) =>
        moment.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture) + " UTC" + (moment.Offset == TimeSpan.Zero ? "" : moment.ToString("zzz", CultureInfo.InvariantCulture));

    /// <summary>A time in the two largest units that matter, for example <c>4 min 52 s</c>.</summary>
    /// <param name="time">The time, not negative.</param>
    /// <returns>The text.</returns>
    public static string Duration(TimeSpan time)
    {
        if (time.TotalSeconds < 9.95)
            return time.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture) + " s";
        var seconds = (long)Math.Round(time.TotalSeconds);
        return seconds switch
        {
            < 60 => string.Create(CultureInfo.InvariantCulture, $"{seconds} s"),
            < 3600 => string.Create(CultureInfo.InvariantCulture, $"{seconds / 60} min {seconds % 60} s"),
            < 86400 => string.Create(CultureInfo.InvariantCulture, $"{seconds / 3600} h {seconds % 3600 / 60} min"),
            _ => string.Create(CultureInfo.InvariantCulture, $"{seconds / 86400} d {seconds % 86400 / 3600} h"),
        };
    }
}
