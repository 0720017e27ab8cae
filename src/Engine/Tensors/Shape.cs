namespace IlgpuSpp.Engine;

/// <summary>
/// The extent of a dense tensor of one to four dimensions. Feature maps are NHWC:
/// <c>[batch, height, width, channels]</c>; matrices are <c>[rows, columns]</c>.
/// </summary>
public readonly struct Shape : IEquatable<Shape>
{
    /// <summary>The largest number of dimensions.</summary>
    public const int MaxRank = 4;

    private readonly Extents _extents;

    /// <summary>Creates a vector shape.</summary>
    /// <param name="length">Number of elements, at least 0.</param>
    public Shape(int length)
    {
        _extents[0] = Checked(length);
        Rank = 1;
    }

    /// <summary>Creates a matrix shape.</summary>
    /// <param name="rows">Rows, at least 0.</param>
    /// <param name="columns">Columns, at least 0.</param>
    public Shape(int rows, int columns)
    {
        _extents[0] = Checked(rows);
        _extents[1] = Checked(columns);
        Rank = 2;
    }

    /// <summary>Creates a feature-map shape.</summary>
    /// <param name="batch">Images, at least 0.</param>
    /// <param name="height">Rows of the map.</param>
    /// <param name="width">Columns of the map.</param>
    /// <param name="channels">Channels of the map.</param>
    public Shape(int batch, int height, int width, int channels)
    {
        _extents[0] = Checked(batch);
        _extents[1] = Checked(height);
        _extents[2] = Checked(width);
        _extents[3] = Checked(channels);
        Rank = 4;
    }

    /// <summary>Creates a shape from a list of extents.</summary>
    /// <param name="extents">One to four extents, outermost first.</param>
    /// <exception cref="ArgumentException">The list is empty or longer than <see cref="MaxRank"/>.</exception>
    public Shape(ReadOnlySpan<int> extents)
    {
        if (extents.Length is 0 or > MaxRank)
            throw new ArgumentException($"A tensor has 1 to {MaxRank} dimensions, not {extents.Length}.", nameof(extents));
        for (int i = 0; i < extents.Length; i++) _extents[i] = Checked(extents[i]);
        Rank = extents.Length;
    }

    /// <summary>Number of dimensions, 1 to 4.</summary>
    public int Rank { get; }

    /// <summary>The extent of one dimension.</summary>
    /// <param name="dimension">0 is the outermost.</param>
    public int this[int dimension]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)dimension, (uint)Rank, nameof(dimension));
            return _extents[dimension];
        }
    }

    /// <summary>Number of elements.</summary>
    public long Count
    {
        get
        {
            long count = Rank == 0 ? 0 : 1;
            for (int i = 0; i < Rank; i++) count *= _extents[i];
            return count;
        }
    }

    /// <summary>Images of a feature map or rows of a matrix.</summary>
    public int Batch => this[0];

    /// <summary>Rows of a feature map.</summary>
    public int Height => this[1];

    /// <summary>Columns of a feature map.</summary>
    public int Width => this[2];

    /// <summary>Channels of a feature map; of any other shape the innermost extent.</summary>
    public int Channels => this[Rank - 1];

    /// <summary>Elements of one image or row: everything but the outermost dimension.</summary>
    public int RowLength => Batch == 0 ? 0 : checked((int)(Count / Batch));

    /// <summary>The extents, outermost first.</summary>
    public int[] ToArray()
    {
        var extents = new int[Rank];
        for (int i = 0; i < Rank; i++) extents[i] = _extents[i];
        return extents;
    }

    /// <inheritdoc/>
    public bool Equals(Shape other)
    {
        if (Rank != other.Rank) return false;
        for (int i = 0; i < Rank; i++)
            if (_extents[i] != other._extents[i])
                return false;
        return true;
    }

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Shape other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Rank, _extents[0], _extents[1], _extents[2], _extents[3]);

    /// <summary>The extents in brackets, e.g. <c>[16, 13, 13, 256]</c>.</summary>
    public override string ToString() => $"[{string.Join(", ", ToArray())}]";

    /// <summary>Whether two shapes have the same extents.</summary>
    public static bool operator ==(Shape left, Shape right) => left.Equals(right);

    /// <summary>Whether two shapes differ.</summary>
    public static bool operator !=(Shape left, Shape right) => !left.Equals(right);

    private static int Checked(int extent)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(extent);
        return extent;
    }

    [InlineArray(MaxRank)]
    private struct Extents
    {
        private int _first;
    }
}
