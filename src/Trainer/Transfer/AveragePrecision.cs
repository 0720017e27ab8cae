namespace IlgpuSpp.Training;

/// <summary>PASCAL VOC's measure of a ranking (development kit 2007 and 2010).</summary>
/// <param name="ElevenPoint">VOC 2007: mean over recalls of 0, 0.1, …, 1 of the best precision at that recall or a higher one.</param>
/// <param name="Area">VOC 2010: area under the precision made monotone.</param>
internal readonly record struct AveragePrecision(double ElevenPoint, double Area)
{
    /// <summary>The average precision of ranked examples.</summary>
    /// <param name="scores">The score of each example; higher is more positive. Equal scores keep the order given.</param>
    /// <param name="labels">Above 0 a positive example, below 0 a negative one, 0 one that does not count (difficult).</param>
    /// <returns>Both measures; NaN where there is no positive example.</returns>
    public static AveragePrecision Of(IReadOnlyList<double> scores, IReadOnlyList<int> labels)
    {
        if (scores.Count != labels.Count) throw new ArgumentException($"There are {scores.Count} scores, but {labels.Count} labels.", nameof(labels));
        int positives = labels.Count(label => label > 0);
        if (positives == 0) return new AveragePrecision(double.NaN, double.NaN);
        var precisions = new List<double>();
        int hits = 0, counted = 0;
        foreach (int i in Enumerable.Range(0, scores.Count).Where(i => labels[i] != 0).OrderByDescending(i => scores[i]))
        {
            counted++;
            if (labels[i] < 0) continue;
            hits++;
            precisions.Add((double)hits / counted); // the precision at recall hits/positives
        }
        for (int i = precisions.Count - 2; i >= 0; i--) precisions[i] = Math.Max(precisions[i], precisions[i + 1]);
        double eleven = 0;
        // The first hit with recall of at least t/10, in whole numbers: hits·10 ≥ t·positives.
        for (int t = 0; t <= 10; t++) eleven += precisions[Math.Max(1, (t * positives + 9) / 10) - 1];
        return new AveragePrecision(eleven / 11, precisions.Sum() / positives);
    }
}
