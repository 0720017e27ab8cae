using System.Text.RegularExpressions;

namespace IlgpuSpp.Reports.Tests;

public sealed partial class ChartColourTests
{
    // Full loss of the long, the middle and the short cones, of linear red, green and blue: Machado, Oliveira and Fernandes,
    // "A Physiologically-based Model for Simulation of Color Vision Deficiency", IEEE TVCG 15 (2009), severity 1.
    private static readonly double[][] s_eyes =
    [
        [1, 0, 0, 0, 1, 0, 0, 0, 1],
        [0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998],
        [0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.011820, 0.042940, 0.968881],
        [1.255528, -0.076749, -0.178779, -0.078411, 0.930809, 0.147602, 0.004733, 0.691367, 0.303900],
    ];

    // sRGB's primaries in the standard observer's values (IEC 61966-2-1).
    private static readonly double[] s_observer = [0.4124564, 0.3575761, 0.1804375, 0.2126729, 0.7151522, 0.0721750, 0.0193339, 0.1191920, 0.9503041];

    [Theory]
    [InlineData(0, "#ffffff")]
    [InlineData(1, "#1a2028")]
    public void Lines_are_told_apart_by_every_eye_and_stand_out(int scheme, string card)
    {
        var writer = new HtmlWriter();
        new HtmlStyle().WriteTo(writer);
        var blocks = Scheme().Matches(writer.ToString());
        Assert.Equal(2, blocks.Count);
        Assert.Contains($"--card: {card}", writer.ToString(), StringComparison.Ordinal);
        double[][] colours = [.. Colour().Matches(blocks[scheme].Value).Select(match => Linear(match.Groups[1].Value))];
        Assert.Equal(6, colours.Length);

        foreach (var eye in s_eyes)
        {
            var seen = colours.Select(colour => Lab(Times(eye, colour))).ToList();
            for (var i = 0; i < seen.Count; i++)
                // A just noticeable difference is 2.3; ten times that for thin lines.
                Assert.All(seen.Take(i), other => Assert.True(Math.Sqrt(other.Zip(seen[i], (a, b) => (a - b) * (a - b)).Sum()) > 23));
        }

        // WCAG 2.1, 1.4.11: graphics have a contrast of at least 3 with what lies beside them.
        var ground = Times(s_observer, Linear(card[1..]))[1];
        Assert.All(colours, colour =>
        {
            var own = Times(s_observer, colour)[1];
            Assert.True((Math.Max(own, ground) + 0.05) / (Math.Min(own, ground) + 0.05) >= 3);
        });
    }

    [GeneratedRegex("--s0:.*--s5: #[0-9a-f]{6}")]
    private static partial Regex Scheme();

    [GeneratedRegex("#([0-9a-f]{6})")]
    private static partial Regex Colour();

    private static double[] Linear(string hex) =>
        [.. new[] { 0, 2, 4 }.Select(at => Convert.ToInt32(hex.Substring(at, 2), 16) / 255.0).Select(value => value <= 0.04045 ? value / 12.92 : Math.Pow((value + 0.055) / 1.055, 2.4))];

    private static double[] Times(double[] matrix, double[] colour) =>
        [.. Enumerable.Range(0, 3).Select(row => Enumerable.Range(0, 3).Sum(i => matrix[(3 * row) + i] * Math.Clamp(colour[i], 0, 1)))];

    private static double[] Lab(double[] linear)
    {
        var value = Times(s_observer, linear);
        double[] f = [.. value.Zip([0.95047, 1, 1.08883], (own, white) => own / white).Select(share => share > 0.008856 ? Math.Cbrt(share) : (7.787 * share) + (16.0 / 116))];
        return [(116 * f[1]) - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])];
    }
}
