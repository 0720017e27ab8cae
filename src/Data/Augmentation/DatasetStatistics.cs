namespace IlgpuSpp.Data;

/// <summary>
/// What normalisation and colour altering need to know of a training set, measured on its prepared images. Sums are of
/// whole numbers, so the result is the same at any number of threads.
/// </summary>
/// <param name="Images">Images measured.</param>
/// <param name="Mean">Mean of every channel, 0 to 255.</param>
/// <param name="Std">Standard deviation of every channel over all pixels, in the same units.</param>
/// <param name="Pca">The principal components of the colours.</param>
/// <param name="MeanImage">The mean of the images' centre crops, pixel by pixel.</param>
internal sealed record DatasetStatistics(int Images, RgbValues Mean, RgbValues Std, ColourPca Pca, MeanImage MeanImage)
{
    private const double SmallestStd = 1;

    /// <summary>Measures prepared images.</summary>
    /// <param name="images">The training images; those that cannot be decoded are passed over.</param>
    /// <param name="threads">Threads to use, at least 1.</param>
    /// <param name="maxImages">Most images to measure, at least 1; where there are more, evenly spaced ones are taken.</param>
    /// <param name="progress">Receives the number of images done and of all that are measured, on the threads that measure.</param>
    /// <param name="cancellation">Stops the measurement.</param>
    /// <exception cref="UndecodableImagesException">None of the images can be decoded.</exception>
    /// <exception cref="OperationCanceledException">The measurement was stopped.</exception>
    public static DatasetStatistics Measure(PreparedImages images, int threads = 1, int maxImages = 10_000, IProgress<(int Done, int Total)>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxImages, 1);
        int count = Math.Min(images.Count, maxImages), crop = images.Preparation.CropSize, done = 0;
        var total = new Sums(crop);
        Parallel.For(
            0, count, new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellation }, () => new Sums(crop),
            (i, _, sums) =>
            {
                if (images.Find((int)((long)i * images.Count / count)) is { } image) sums.Add(image);
                progress?.Report((Interlocked.Increment(ref done), count));
                return sums;
            },
            sums =>
            {
                lock (total) total.Add(sums);
            });
        if (total.Images == 0) images.CheckFailures(0);
        if (total.Images == 0) throw new DatasetException(images.Dataset.Name, "has no samples to measure; check the split.");
        return total.Result(crop);
    }

    /// <summary>Exact sums over pixels. 2^63 holds the squares of more than 10^14 pixels.</summary>
    private sealed class Sums(int crop)
    {
        private readonly long[] _first = new long[3];
        private readonly long[] _second = new long[9];
        private readonly long[] _crop = new long[crop * crop * 3];
        private long _pixels;

        public int Images { get; private set; }

        public void Add(RgbImage image)
        {
            long r = 0, g = 0, b = 0, rr = 0, rg = 0, rb = 0, gg = 0, gb = 0, bb = 0;
            byte[] pixels = image.Pixels;
            for (int i = 0; i < pixels.Length; i += 3)
            {
                int x = pixels[i], y = pixels[i + 1], z = pixels[i + 2];
                r += x;
                g += y;
                b += z;
                rr += x * x;
                rg += x * y;
                rb += x * z;
                gg += y * y;
                gb += y * z;
                bb += z * z;
            }
            AddTo(_first, [r, g, b]);
            AddTo(_second, [rr, rg, rb, rg, gg, gb, rb, gb, bb]);
            _pixels += pixels.Length / 3;
            Images++;

            PixelRegion window = CropWindows.At(image.Width, image.Height, crop, CropPosition.Centre);
            for (int row = 0; row < crop; row++)
            {
                ReadOnlySpan<byte> from = image.Row((int)window.Y + row).Slice((int)window.X * 3, crop * 3);
                Span<long> to = _crop.AsSpan(row * crop * 3, crop * 3);
                for (int i = 0; i < to.Length; i++) to[i] += from[i];
            }
        }

        public void Add(Sums other)
        {
            AddTo(_first, other._first);
            AddTo(_second, other._second);
            AddTo(_crop, other._crop);
            _pixels += other._pixels;
            Images += other.Images;
        }

        public DatasetStatistics Result(int side)
        {
            double n = _pixels;
            double[] covariance = new double[9];
            for (int i = 0; i < 3; i++)
            {
                for (int j = 0; j < 3; j++) covariance[i * 3 + j] = _second[i * 3 + j] / n - _first[i] / n * (_first[j] / n);
            }
            double[] unit = [.. covariance.Select(v => v / (255.0 * 255.0))];
            return new DatasetStatistics(
                Images,
                new RgbValues((float)(_first[0] / n), (float)(_first[1] / n), (float)(_first[2] / n)),
                new RgbValues(Std(covariance[0]), Std(covariance[4]), Std(covariance[8])),
                ColourPca.FromCovariance(unit),
                new MeanImage(side, side, [.. _crop.Select(v => (float)((double)v / Images))]));
        }

        // A channel that hardly varies is not blown up.
        private static float Std(double variance) => (float)Math.Max(SmallestStd, Math.Sqrt(Math.Max(0, variance)));

        private static void AddTo(long[] sums, ReadOnlySpan<long> values)
        {
            for (int i = 0; i < sums.Length; i++) sums[i] += values[i];
        }
    }
}
