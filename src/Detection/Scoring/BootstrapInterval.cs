namespace IlgpuSpp.Detection;

/// <summary>
/// Where 95 % of the values of an 11-point mean average precision lie when the images are drawn anew, as many as there are, with replacement: how far
/// the figure depends on the images that the test happens to have. The percentile bootstrap over images (Efron, "Bootstrap methods: another look at the
/// jackknife", Annals of Statistics 7, 1979).
/// </summary>
/// <param name="Low">The 2.5th percentile; NaN where no class has objects.</param>
/// <param name="High">The 97.5th percentile.</param>
public sealed record BootstrapInterval(double Low, double High)
{
    private const int Resamples = 1000;
    private const double Tail = 0.025;
    private const uint Stream = 0xB007_57A9;

    /// <summary>The interval of <see cref="DetectionScore.Map11"/>.</summary>
    /// <param name="score">The score of a test.</param>
    /// <param name="seed">Seed of the draws; the same seed gives the same interval.</param>
    public static BootstrapInterval Of(DetectionScore score, ulong seed = 1) => Of(score.Images, seed, counts => Map11(score, counts));

    /// <summary>The interval of the difference of two scores, both from the same draws: one that does not hold 0 tells two detectors apart.</summary>
    /// <param name="score">The score of a test.</param>
    /// <param name="baseline">What is subtracted: another score of the same images and classes.</param>
    /// <param name="seed">Seed of the draws.</param>
    /// <exception cref="ArgumentException">The scores are not of the same images.</exception>
    public static BootstrapInterval OfDifference(DetectionScore score, DetectionScore baseline, ulong seed = 1)
    {
        if (baseline.Images != score.Images || !baseline.Classes.Select(item => item.Name).SequenceEqual(score.Classes.Select(item => item.Name)))
            throw new ArgumentException($"The scores are of {score.Images} and {baseline.Images} images or of other classes.", nameof(baseline));
        return Of(score.Images, seed, counts => Map11(score, counts) - Map11(baseline, counts));
    }

    /// <summary>The 11-point mean average precision with every image counted as often as it was drawn; classes without objects among these are left out.</summary>
    internal static double Map11(DetectionScore score, int[] counts)
    {
        double sum = 0;
        int classes = 0;
        foreach (ClassScore item in score.Classes)
        {
            int positives = 0;
            for (int i = 0; i < counts.Length; i++) positives += counts[i] * item.PositivesByImage[i];
            if (positives == 0) continue;
            sum += PrecisionRecallCurve.Of(item.Matches.SelectMany(match => Enumerable.Repeat(match, counts[match.Detection.Image])), positives).ElevenPoint;
            classes++;
        }
        return classes == 0 ? double.NaN : sum / classes;
    }

    private static BootstrapInterval Of(int images, ulong seed, Func<int[], double> statistic)
    {
        var values = new double[Resamples];
        Parallel.For(0, Resamples, resample =>
        {
            var random = new RandomStream(new RandomKey(seed, Stream, (uint)resample));
            var counts = new int[images];
            for (int i = 0; i < images; i++) counts[random.NextInt(images)]++;
            values[resample] = statistic(counts);
        });
        double[] sorted = [.. values.Where(value => !double.IsNaN(value)).Order()];
        return sorted.Length == 0 ? new BootstrapInterval(double.NaN, double.NaN) : new BootstrapInterval(At(Tail), At(1 - Tail));

        double At(double share) => sorted[(int)Math.Round(share * (sorted.Length - 1))];
    }
}
