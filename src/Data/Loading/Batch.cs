namespace IlgpuSpp.Data;

/// <summary>
/// Inputs and labels of some samples. Loaders reuse batches: its contents hold until the next one is asked for, so
/// upload or copy what is needed longer.
/// </summary>
internal sealed class Batch
{
    private float[] _images = [];
    private int[] _labels = [];
    private int[] _indices = [];
    private int[] _others = [];
    private float[] _shares = [];

    /// <summary>Rows, padding and masked rows included.</summary>
    public int Size => Shape.Batch;

    /// <summary>Height of the inputs in pixels.</summary>
    public int Height => Shape.Height;

    /// <summary>Width of the inputs in pixels.</summary>
    public int Width => Shape.Width;

    /// <summary>Shape of the inputs, <c>[size, height, width, 3]</c>.</summary>
    public Shape Shape { get; private set; } = new(0, 0, 0, 3);

    /// <summary>The epoch it belongs to.</summary>
    public int Epoch { get; private set; }

    /// <summary>Its number inside the epoch, from 0.</summary>
    public int Number { get; private set; }

    /// <summary>The inputs, <c>[size, height, width, 3]</c>.</summary>
    public ReadOnlySpan<float> Images => _images.AsSpan(0, Size * ImageLength);

    /// <summary>The classes, <c>[size]</c>; −1 marks a row that does not count.</summary>
    public ReadOnlySpan<int> Labels => _labels.AsSpan(0, Size);

    /// <summary>The classes of the images mixed in, <c>[size]</c>; the row's own where nothing is.</summary>
    public ReadOnlySpan<int> Others => _others.AsSpan(0, Size);

    /// <summary>With what share the row's own class counts, <c>[size]</c>, 0 to 1; the rest is the other's.</summary>
    public ReadOnlySpan<float> Shares => _shares.AsSpan(0, Size);

    /// <summary>Which sample of the data set every row shows, <c>[size]</c>; −1 for padding.</summary>
    public ReadOnlySpan<int> Indices => _indices.AsSpan(0, Size);

    /// <summary>Rows that count: those whose label is not −1.</summary>
    public int Count => Size - Labels.Count(-1);

    internal int Remaining { get; set; }

    private int ImageLength => Shape.RowLength;

    internal Span<float> ImageRow(int row) => _images.AsSpan(row * ImageLength, ImageLength);

    /// <summary>Gives the batch a shape; memory grows when it must and is kept.</summary>
    internal void Begin(int epoch, int number, Shape shape)
    {
        if (shape.Count > Array.MaxLength) throw new ArgumentException($"A batch of inputs {shape} does not fit into one array; use a smaller batch.");
        if (_images.Length < shape.Count) _images = GC.AllocateUninitializedArray<float>((int)shape.Count);
        if (_labels.Length < shape.Batch)
        {
            _labels = new int[shape.Batch];
            _indices = new int[shape.Batch];
            _others = new int[shape.Batch];
            _shares = new float[shape.Batch];
        }
        (Epoch, Number, Shape, Remaining) = (epoch, number, shape, shape.Batch);
    }

    internal void SetRow(int row, int label, int index)
    {
        _labels[row] = label;
        _indices[row] = index;
        (_others[row], _shares[row]) = (label, 1);
    }

    internal void MixRow(int row, int other, float share) => (_others[row], _shares[row]) = (other, share);

    internal void ClearRow(int row, int index)
    {
        ImageRow(row).Clear();
        SetRow(row, -1, index);
    }
}
