namespace IlgpuSpp.Training;

/// <summary>
/// Learns, class by class, to move windows onto their objects from their pooled features (section 4.1; R-CNN's appendix C). A class's windows are kept while there are fewer than
/// features, else only their sums: memory follows the smaller of the two. Images whose objects alone are learnt from are left out (section 4.5).
/// </summary>
internal static class BoxRegression
{
    private const uint PairStream = 0xDE7E_0020, SampleStream = 0xDE7E_0021;

    /// <summary>Fits the regressors.</summary>
    /// <returns>Weights <c>[4·classes][d + 1]</c> for unscaled features, the constant's last; zeros for a class without windows.</returns>
    public static double[][] Train(TrainingImages images, Backend backend, BoxRegressionOptions options, BoxSides sides, ulong seed, IProgress<DetectorProgress>? progress, CancellationToken cancellation)
    {
        int classes = images.Data.ClassNames.Count, length = images.Features.Length;
        double scale = Scale(images, backend, seed, progress, cancellation);
        var weights = new double[BoxEncoding.Length * classes][];
        for (int label = 0; label < classes; label++)
        {
            var pairs = new ClassPairs(length, scale, options, new RandomStream(new RandomKey(seed, PairStream, (uint)label)));
            for (int i = 0; i < images.Data.Images.Count; i++)
            {
                cancellation.ThrowIfCancellationRequested();
                AnnotatedImage image = images.Data.Images[i];
                if (image.ObjectsOnly || !image.Objects.Any(item => item.Label == label && !item.Ignored) || images.Load(i) is not { } loaded) continue;
                using IImageWindows features = loaded.Features;
                Collect(backend, [.. image.Objects.Where(item => item.Label == label && !item.Ignored).Select(item => item.Box)], features, loaded.Windows, options, sides, pairs);
            }
            pairs.Fit().CopyTo(weights, BoxEncoding.Length * label);
            progress?.Report(new DetectorProgress("box regression of classes", label + 1, classes));
        }
        return weights;
    }

    // What brings features to their mean length over random windows of random images, on objects and off.
    private static double Scale(TrainingImages images, Backend backend, ulong seed, IProgress<DetectorProgress>? progress, CancellationToken cancellation)
    {
        var length = new FeatureLength(images, seed, SampleStream);
        for (int i = 0; i < length.Images.Count; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            progress?.Report(new DetectorProgress("box regression", i + 1, length.Images.Count));
            if (images.Load(length.Images[i]) is not { } loaded) continue;
            using IImageWindows features = loaded.Features;
            PixelBox[] boxes = length.Draw(loaded.Windows);
            if (boxes.Length == 0) continue;
            (OrderedWindows ordered, float[] values) = Pool(backend, features, boxes, images.Features.Length);
            length.Add(ordered, values, images.Features.Length);
        }
        return length.Scale;
    }

    private static void Collect(Backend backend, PixelBox[] objects, IImageWindows features, IReadOnlyList<TrainingWindow> windows, BoxRegressionOptions options, BoxSides sides, ClassPairs pairs)
    {
        var near = new List<(PixelBox Box, PixelBox Object)>();
        foreach (TrainingWindow window in windows)
        {
            PixelBox item = objects.MaxBy(own => BoxOverlap.IntersectionOverUnion(window.Box, own));
            if (BoxOverlap.IntersectionOverUnion(window.Box, item) > options.Overlap) near.Add((window.Box, item));
        }
        if (near.Count == 0) return;
        (OrderedWindows ordered, float[] values) = Pool(backend, features, [.. near.Select(pair => pair.Box)], pairs.Length);
        for (int i = 0; i < near.Count; i++)
        {
            (PixelBox box, PixelBox item) = near[ordered.Positions[i]];
            var target = new double[BoxEncoding.Length];
            BoxEncoding.Encode(box, item, target, sides);
            pairs.Add(values.AsSpan(ordered.RowOf[i] * pairs.Length, pairs.Length), target);
        }
    }

    private static (OrderedWindows Ordered, float[] Values) Pool(Backend backend, IImageWindows features, PixelBox[] boxes, int length)
    {
        OrderedWindows ordered = features.Order(boxes);
        using Tensor pooled = backend.Allocate(new Shape(ordered.Rows, length));
        ordered.Compute(features, 0, ordered.Rows, pooled);
        return (ordered, pooled.ToArray());
    }

    // The windows of a class with their targets.
    private sealed class ClassPairs(int length, double scale, BoxRegressionOptions options, RandomStream random)
    {
        private readonly List<float[]> _rows = [];
        private readonly List<double[]> _targets = [];
        private RidgeSums? _sums;
        private int _summed, _seen;

        public int Length => length;

        public void Add(ReadOnlySpan<float> features, double[] target)
        {
            // Reservoir sampling: every pair of the class stays with the same probability.
            int place = options.MostPairs == 0 || _targets.Count < options.MostPairs ? _targets.Count : random.NextInt(_seen + 1);
            _seen++;
            if (options.MostPairs > 0 && place >= options.MostPairs) return;
            var row = new float[length];
            for (int k = 0; k < length; k++) row[k] = (float)(features[k] * scale);
            if (place < _targets.Count)
            {
                (_rows[place], _targets[place]) = (row, target);
                return;
            }
            _rows.Add(row);
            _targets.Add(target);
            if (options.MostPairs == 0 && _rows.Count > length) Sum();
        }

        public double[][] Fit()
        {
            if (_targets.Count == 0) return [.. Enumerable.Range(0, BoxEncoding.Length).Select(_ => new double[length + 1])];
            var whitening = new TargetWhitening(_targets);
            if (_sums is not null) Sum();
            double[][] weights = whitening.Unwhiten(_sums?.Solve(options.Lambda, whitening.Whiten) ?? RidgeRegression.Solve(_rows, [.. _targets.Select(target => whitening.Whiten(target, 1))], options.Lambda));
            foreach (double[] row in weights)
                for (int k = 0; k < length; k++) row[k] *= scale;
            return weights;
        }

        private void Sum()
        {
            _sums ??= new RidgeSums(length, BoxEncoding.Length);
            _sums.Add(_rows, _targets[_summed..]);
            _summed = _targets.Count;
            _rows.Clear();
        }
    }
}
