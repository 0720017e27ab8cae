namespace IlgpuSpp.Detection;

/// <summary>Precision and recall of one class as the score threshold is lowered.</summary>
public sealed class PrecisionRecallCurve
{
    private const int CocoPoints = 101;

    private readonly int[] _found;

    private PrecisionRecallCurve(int positives, int[] found, double[] precision, double[] scores)
    {
        Positives = positives;
        _found = found;
        Precision = precision;
        Recall = [.. found.Select(count => (double)count / positives)];
        Scores = scores;
    }

    /// <summary>Objects that could be found: those that are not difficult.</summary>
    public int Positives { get; }

    /// <summary>Share of the objects found down to each counted detection; empty without objects or detections.</summary>
    public IReadOnlyList<double> Recall { get; }

    /// <summary>Share of finds among the counted detections down to each.</summary>
    public IReadOnlyList<double> Precision { get; }

    /// <summary>Score of each counted detection, falling.</summary>
    public IReadOnlyList<double> Scores { get; }

    /// <summary>Builds the curve.</summary>
    /// <param name="matches">The class's detections from the highest score down; ignored ones are passed over.</param>
    /// <param name="positives">Objects that could be found.</param>
    public static PrecisionRecallCurve Of(IEnumerable<MatchedBox> matches, int positives) =>
        Of(matches.Where(match => match.Outcome != MatchOutcome.Ignored).Select(match => (match.Outcome == MatchOutcome.TruePositive, match.Detection.Score)), positives);

    internal static PrecisionRecallCurve Of(IEnumerable<(bool Found, double Score)> ranked, int positives)
    {
        var counts = new List<int>();
        var precision = new List<double>();
        var scores = new List<double>();
        int found = 0;
        foreach ((bool isFound, double score) in positives == 0 ? [] : ranked)
        {
            if (isFound) found++;
            counts.Add(found);
            precision.Add((double)found / counts.Count);
            scores.Add(score);
        }
        return new PrecisionRecallCurve(positives, [.. counts], [.. precision], [.. scores]);
    }

    /// <summary>VOC2007's average precision: the mean over recalls t = 0, 0.1, …, 1 of the best precision at a recall of at least t. NaN without objects.</summary>
    /// <remarks>Recalls are compared as whole numbers (10·found against t·positives), so that a recall of exactly 0.3 counts at 0.3.</remarks>
    public double ElevenPoint => Interpolated(11);

    /// <summary>The mean over the recalls 0, 0.01, …, 1, as COCO has it. NaN without objects.</summary>
    public double HundredOnePoint => Interpolated(CocoPoints);

    /// <summary>The area under the curve made falling, as VOC has it since 2010. NaN without objects.</summary>
    public double Area
    {
        get
        {
            if (Positives == 0) return double.NaN;
            double area = 0, best = 0, upper = 0;
            // From the end: the precision at a recall is the best one at that recall or more.
            for (int i = Recall.Count - 1; i >= 0; i--)
            {
                best = Math.Max(best, Precision[i]);
                upper = i > 0 ? Recall[i - 1] : 0;
                area += (Recall[i] - upper) * best;
            }
            return area;
        }
    }

    private double Interpolated(int points)
    {
        if (Positives == 0) return double.NaN;
        double sum = 0, best = 0;
        int at = _found.Length - 1;
        for (int point = points - 1; point >= 0; point--)
        {
            for (; at >= 0 && (long)_found[at] * (points - 1) >= (long)point * Positives; at--) best = Math.Max(best, Precision[at]);
            sum += best;
        }
        return sum / points;
    }
}
