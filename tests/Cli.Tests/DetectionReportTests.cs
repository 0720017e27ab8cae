using System.Globalization;
using System.Xml.Linq;
using IlgpuSpp.Cli.Detection;
using IlgpuSpp.Detection;
using IlgpuSpp.Layers;
using IlgpuSpp.Reports;

namespace IlgpuSpp.Cli.Tests;

/// <summary>What the page about a detector's test shows.</summary>
public sealed class DetectionReportTests
{
    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    // A detector's birds in 80 photographs of VOC2007: 5889 detections that count, 42 objects, and the ranks of those that found one, from a program written
    // after the rules of VOC's development kit alone.
    private const int Counted = 5889, Objects = 42;

    private static readonly int[] s_finds =
        [1, 8, 10, 21, 25, 27, 52, 54, 60, 126, 137, 153, 211, 409, 650, 665, 677, 693, 701, 733, 839, 938, 1020, 1074, 1093, 1132, 1268];

    [Fact]
    public void Curve_IsDrawnInStepsWithAllChanges()
    {
        var matches = Enumerable.Range(1, Counted).Select(rank => new MatchedBox(
            new ScoredBox(0, 0, 1.0 / rank, new PixelBox(0, 0, 1, 1)), Array.IndexOf(s_finds, rank) >= 0 ? MatchOutcome.TruePositive : MatchOutcome.FalsePositive, 0));
        var score = new ClassScore
        {
            Name = "bird",
            Positives = Objects,
            Difficult = 0,
            Detections = Counted,
            Curve = PrecisionRecallCurve.Of(matches, Objects),
            CocoAveragePrecision = 0,
            FalsePositives = default,
            Matches = [],
        };
        var writer = new HtmlWriter();
        DetectionReport.Chart([score]).WriteTo(writer);
        XElement svg = XElement.Parse(writer.ToString()).Descendants(Svg + "svg").Last();

        // The plot is 484 wide from x = 56, which is recall 0, and 208 high from y = 226 up, which is precision 0.
        (double X, double Y)[] corners =
        [
            .. svg.Descendants(Svg + "polyline").Single().Attribute("points")!.Value.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)
                .Select(pair => Array.ConvertAll(pair.Split(','), number => double.Parse(number, CultureInfo.InvariantCulture)))
                .Select(pair => ((pair[0] - 56) / 484, (226 - pair[1]) / 208)),
        ];
        var expected = new List<(double X, double Y)>();
        for (int found = 1; found <= s_finds.Length; found++)
        {
            int rank = s_finds[found - 1], last = found < s_finds.Length ? s_finds[found] - 1 : Counted;
            expected.Add(((found - 1.0) / Objects, (double)found / rank));
            expected.Add(((double)found / Objects, (double)found / rank));
            if (last > rank) expected.Add(((double)found / Objects, (double)found / last));
        }
        Assert.Equal(expected.Count, corners.Length);
        Assert.All(expected.Zip(corners), pair =>
        {
            // The picture's numbers have two decimals.
            Assert.Equal(pair.First.X, pair.Second.X, 0.0051 / 484);
            Assert.Equal(pair.First.Y, pair.Second.Y, 0.0051 / 208);
        });
        // The second object is found at rank 8.
        Assert.Contains(corners, corner => Math.Abs(corner.X - 0.048) < 5e-4 && Math.Abs(corner.Y - 0.25) < 1e-4);
        Assert.Contains("recall 0.047619\nbird: 0.25", svg.Descendants(Svg + "title").Select(title => title.Value.ReplaceLineEndings("\n")));
    }
}
