namespace IlgpuSpp.Training;

/// <summary>Brings features to a mean length of 20, measured on 200 random windows of each of 200 random images (R-CNN's release and the paper's; the paper itself is silent).</summary>
/// <param name="images">The images. Those whose objects alone are learnt from have no random windows and are not drawn.</param>
/// <param name="seed">Seed of the choice.</param>
/// <param name="stream">Sets the choice apart from others of the same seed.</param>
internal sealed class FeatureLength(TrainingImages images, ulong seed, uint stream)
{
    private const double Mean = 20;
    private const int MostImages = 200, MostWindows = 200;

    private readonly RandomStream _random = new(new RandomKey(seed, stream, 0));
    private int[]? _drawn;
    private double _lengths;
    private long _rows;

    /// <summary>Positions of the images whose windows are measured.</summary>
    public IReadOnlyList<int> Images
    {
        get
        {
            if (_drawn is not null) return _drawn;
            int[] order = [.. Enumerable.Range(0, images.Data.Images.Count).Where(i => !images.Data.Images[i].ObjectsOnly)];
            _random.Shuffle<int>(order);
            return _drawn = order[..Math.Min(order.Length, MostImages)];
        }
    }

    /// <summary>What features are multiplied with; 1 where none has a length.</summary>
    public double Scale => _lengths > 0 ? Mean * _rows / _lengths : 1;

    /// <summary>Draws windows of an image.</summary>
    public PixelBox[] Draw(IReadOnlyList<TrainingWindow> windows)
    {
        PixelBox[] boxes = [.. windows.Select(window => window.Box)];
        _random.Shuffle<PixelBox>(boxes);
        return boxes[..Math.Min(boxes.Length, MostWindows)];
    }

    /// <summary>Measures windows.</summary>
    /// <param name="windows">The windows; those that share a row count each.</param>
    /// <param name="values">Their features, row by row.</param>
    /// <param name="length">Features of a row.</param>
    public void Add(OrderedWindows windows, float[] values, int length)
    {
        foreach (int row in windows.RowOf)
        {
            ReadOnlySpan<float> own = values.AsSpan(row * length, length);
            _lengths += Math.Sqrt(VectorSums.Dot(own, own));
            _rows++;
        }
    }
}
