namespace IlgpuSpp.Data;

/// <summary>
/// Inputs and labels of some samples. Loaders reuse batches: its contents hold until the next one is asked for, so
/// upload or copy what is needed longer.
/// </summary>
public sealed class Batch
{
    private float[] _images = [];
    private int[] _labels = [];
    private int[] _indices = [];

    /// <summary>Rows, padding and masked rows included.</summary>
    public int Size { get; private set; }

    /// <summary>Height of the inputs in pixels.</summary>
    public int Height { get; private set; }

    /// <summary>Width of the inputs in pixels.</summary>
    public int Width { get; private set; }

    /// <summary>The epoch it belongs to.</summary>
    public int Epoch { get; private set; }

    /// <summary>Its number inside the epoch, from 0.</summary>
    public int Number { get; private set; }

    /// <summary>The inputs, <c>[size, height, width, 3]</c>.</summary>
    public ReadOnlySpan<float> Images => _images.AsSpan(0, Size * ImageLength);

    /// <summary>The classes, <c>[size]</c>; −1 marks a row that does not count.</summary>
    public ReadOnlySpan<int> Labels => _labels.AsSpan(0, Size);

    /// <summary>Which sample of the data set every row shows, <c>[size]</c>; −1 for padding.</summary>
    public ReadOnlySpan<int> Indices => _indices.AsSpan(0, Size);

    /// <summary>Rows that count: those whose label is not −1.</summary>
    public int Count => Size - Labels.Count(-1);

    internal int Remaining { get; set; }

    private int ImageLength => Height * Width * 3;

    internal Span<float> ImageRow(int row) => _images.AsSpan(row * ImageLength, ImageLength);

    /// <summary>Gives the batch a shape; memory grows when it must and is kept.</summary>
    internal void Begin(int epoch, int number, int size, int height, int width)
    {
        long length = (long)size * height * width * 3;
        if (length > Array.MaxLength) throw new ArgumentException($"A batch of {size} inputs of {width}x{height} does not fit into one array; use a smaller batch.");
        if (_images.Length < length) _images = GC.AllocateUninitializedArray<float>((int)length);
        if (_labels.Length < size)
        {
            _labels = new int[size];
            _indices = new int[size];
        }
        (Epoch, Number, Size, Height, Width, Remaining) = (epoch, number, size, height, width, size);
    }

    internal void SetRow(int row, int label, int index)
    {
        _labels[row] = label;
        _indices[row] = index;
    }

    internal void ClearRow(int row, int index)
    {
        ImageRow(row).Clear();
        SetRow(row, -1, index);
    }
}
