namespace IlgpuSpp.Training;

/// <summary>Learns, class by class, to move windows onto their objects from their pooled features (section 4.1; R-CNN's appendix C).</summary>
internal static class BoxRegression
{
    /// <summary>Mean length that features are brought to.</summary>
    public const double MeanNorm = 20;

    private const uint PairStream = 0xDE7E_0020;

    /// <summary>Fits the regressors.</summary>
    /// <returns>Weights <c>[4·classes][d + 1]</c> for unscaled features, the constant's last; zeros for a class without windows.</returns>
    public static double[][] Train(TrainingImages images, Backend backend, BoxRegressionOptions options, ulong seed, IProgress<DetectorProgress>? progress, CancellationToken cancellation)
    {
        int classes = images.Data.ClassNames.Count, length = images.Features.Length, count = images.Data.Images.Count;
        var pairs = new List<(float[] Features, double[] Target)>[classes];
        for (int label = 0; label < classes; label++) pairs[label] = [];
        var seen = new int[classes];
        var random = new RandomStream(new RandomKey(seed, PairStream, 0));
        for (int i = 0; i < count; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            if (images.Load(i) is not { } loaded) continue;
            using IImageWindows features = loaded.Features;
            Collect(images, backend, images.Data.Images[i], features, loaded.Windows, options, pairs, seen, random);
            progress?.Report(new DetectorProgress("box regression", i + 1, count));
        }

        double norm = 0;
        long rows = 0;
        foreach ((float[] features, _) in pairs.SelectMany(list => list))
        {
            norm += Math.Sqrt(VectorSums.Dot(features.AsSpan(), features.AsSpan()));
            rows++;
        }
        double scale = norm > 0 ? MeanNorm * rows / norm : 1;
        var weights = new double[BoxEncoding.Length * classes][];
        for (int label = 0; label < classes; label++)
        {
            cancellation.ThrowIfCancellationRequested();
            double[][] own = pairs[label].Count == 0 ? [.. Enumerable.Range(0, BoxEncoding.Length).Select(_ => new double[length + 1])] : Fit(pairs[label], scale, options.Lambda);
            own.CopyTo(weights, BoxEncoding.Length * label);
            pairs[label].Clear();
            progress?.Report(new DetectorProgress("box regression of classes", label + 1, classes));
        }
        return weights;
    }

    private static double[][] Fit(List<(float[] Features, double[] Target)> pairs, double scale, double lambda)
    {
        var whitening = new TargetWhitening([.. pairs.Select(pair => pair.Target)]);
        foreach ((float[] features, _) in pairs)
            for (int k = 0; k < features.Length; k++) features[k] = (float)(features[k] * scale);
        double[][] weights = whitening.Unwhiten(RidgeRegression.Solve([.. pairs.Select(pair => pair.Features)], [.. pairs.Select(pair => whitening.Whiten(pair.Target))], lambda));
        foreach (double[] row in weights)
            for (int k = 0; k < row.Length - 1; k++) row[k] *= scale;
        return weights;
    }

    private static void Collect(
        TrainingImages images, Backend backend, AnnotatedImage image, IImageWindows windowFeatures, IReadOnlyList<TrainingWindow> windows, BoxRegressionOptions options,
        List<(float[], double[])>[] pairs, int[] seen, RandomStream random)
    {
        TrainingWindow[] near = [.. windows.Where(window => window.Overlap > options.Overlap)];
        if (near.Length == 0) return;
        OrderedWindows ordered = windowFeatures.Order([.. near.Select(window => window.Box)]);
        near = [.. ordered.Positions.Select(i => near[i])];
        int length = images.Features.Length;
        using Tensor pooled = backend.Allocate(new Shape(ordered.Rows, length));
        ordered.Compute(windowFeatures, 0, ordered.Rows, pooled);
        for (int i = 0; i < near.Length; i++)
        {
            AnnotatedObject item = image.Objects[near[i].Object];
            // Reservoir sampling: every pair of the class stays with the same probability.
            int place = pairs[item.Label].Count < options.MostPairs ? pairs[item.Label].Count : random.NextInt(seen[item.Label] + 1);
            seen[item.Label]++;
            if (place >= options.MostPairs) continue;
            var features = new float[length];
            pooled.View(new Shape(1, length), (long)ordered.RowOf[i] * length).Download(features);
            var target = new double[BoxEncoding.Length];
            BoxEncoding.Encode(near[i].Box, item.Box, target);
            if (place == pairs[item.Label].Count) pairs[item.Label].Add((features, target));
            else pairs[item.Label][place] = (features, target);
        }
    }
}
