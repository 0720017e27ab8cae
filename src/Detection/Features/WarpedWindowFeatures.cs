using IlgpuSpp.Models;

namespace IlgpuSpp.Detection;

/// <summary>
/// Features of windows as in R-CNN, which the paper compares itself with (its Tables 9 and 10): every window is cut out of the image, warped to the network's crop
/// (<see cref="WindowWarp"/>) and goes through the convolutions by itself; the network's own pyramid gives its features. Not for several threads at a time.
/// </summary>
internal sealed class WarpedWindowFeatures : IWindowFeatures
{
    // The number of crops in a pass is fixed: the last pass of a call computes some for nothing rather than others in another way.
    private const int Batch = 16;

    private readonly InputPreparation _preparation;
    private readonly Backend _backend;
    private readonly WindowFeatureOptions _options;
    private readonly WindowFeatureCache? _cache;

    /// <summary>Prepares a network.</summary>
    /// <param name="model">The network, a chain with a pyramid inside.</param>
    /// <param name="preparation">How crops are normalised for it.</param>
    /// <param name="options">The crop's side and context.</param>
    /// <param name="cache">Keeps windows' features on the disk; null for none.</param>
    /// <exception cref="NotSupportedException">The network has no pyramid.</exception>
    /// <exception cref="InputTooSmallException">The crop is too small for the network.</exception>
    /// <exception cref="ShapeMismatchException">The network's pyramid does not take the crop's map.</exception>
    public WarpedWindowFeatures(Model model, InputPreparation preparation, WindowFeatureOptions options, WindowFeatureCache? cache = null)
    {
        options.Validate();
        (_preparation, _backend, _options, _cache) = (preparation, model.Backend, options, cache);
        Split = new SplitNetwork(model.Network);
        Length = Split.Pool.OutputShape(Split.MapShape(Input)).RowLength;
    }

    /// <inheritdoc/>
    public SplitNetwork Split { get; }

    /// <inheritdoc/>
    public int Length { get; }

    private Shape Input => new(Batch, _options.TargetSide, _options.TargetSide, 3);

    /// <inheritdoc/>
    public IImageWindows Open(RgbImage image) => new WarpedWindows(this, image);

    private sealed class WarpedWindows(WarpedWindowFeatures features, RgbImage image) : IImageWindows
    {
        private readonly StoredWindows? _stored = features._cache?.Open(image, features.Length);
        private readonly float[] _crops = new float[features.Input.Count];
        private NetworkPass? _stem;
        private Tensor? _pooled;

        public int Width => image.Width;

        public int Height => image.Height;

        // Crops have one size.
        public int Scales => 1;

        public int[] BestScales(IReadOnlyList<PixelBox> boxes) => new int[boxes.Count];

        // Every window has a crop of its own.
        public int[] FirstAlike(IReadOnlyList<PixelBox> boxes, IReadOnlyList<int> scaleOf) => [.. Enumerable.Range(0, boxes.Count)];

        public void Compute(IReadOnlyList<PixelBox> boxes, IReadOnlyList<int> scaleOf, Tensor rows)
        {
            int length = features.Length;
            if (_stored is null)
            {
                for (int start = 0; start < boxes.Count; start += Batch)
                {
                    int count = Math.Min(Batch, boxes.Count - start);
                    features._backend.Copy(Pass([.. Enumerable.Range(start, count).Select(i => boxes[i])]), rows.View(new Shape(count, length), (long)start * length));
                }
                features._backend.Synchronize();
                return;
            }
            foreach (PixelBox[] missing in boxes.Where(box => !_stored.Contains(box)).Distinct().Chunk(Batch))
            {
                float[] values = Pass(missing).ToArray();
                for (int i = 0; i < missing.Length; i++) _stored.Add(missing[i], values.AsSpan(i * length, length));
            }
            var all = new float[boxes.Count * length];
            for (int i = 0; i < boxes.Count; i++) _stored.Read(boxes[i], all.AsSpan(i * length, length));
            rows.View(new Shape(boxes.Count, length)).Upload(all);
        }

        public void Dispose()
        {
            _stored?.Dispose();
            _pooled?.Dispose();
            _stem?.Dispose();
        }

        // The features of at most a batch of windows.
        private Tensor Pass(PixelBox[] boxes)
        {
            int side = features._options.TargetSide, cropLength = side * side * 3;
            SplitNetwork split = features.Split;
            _stem ??= split.PlanStem(features.Input);
            _pooled ??= features._backend.Allocate(new Shape(Batch, features.Length));
            Parallel.For(0, boxes.Length, new ParallelOptions { MaxDegreeOfParallelism = Math.Max(1, features._backend.Device.Parallelism) }, i =>
                WindowWarp.Of(boxes[i], image.Width, image.Height, side, features._options.ContextPadding).Write(image, side, features._preparation, _crops.AsSpan(i * cropLength, cropLength)));
            _stem.Input.Upload(_crops);
            _stem.Forward();
            features._backend.PyramidForward(_stem.Output, _pooled, null, split.Pool.Pyramid);
            return _pooled.View(new Shape(boxes.Length, features.Length));
        }
    }
}
