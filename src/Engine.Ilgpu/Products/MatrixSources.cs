using ILGPU;

namespace IlgpuSpp.Engine.Ilgpu;

/// <summary>Which direction of a matrix is contiguous.</summary>
internal interface IMatrixLayout
{
    static abstract bool AlongDepth { get; }
}

/// <summary>Its depth: <c>values[outer·pitch + depth]</c>.</summary>
internal struct DepthContiguous : IMatrixLayout
{
    public static bool AlongDepth => true;
}

/// <summary>Its rows or columns: <c>values[depth·pitch + part·partStride + outer]</c>.</summary>
internal struct OuterContiguous : IMatrixLayout
{
    public static bool AlongDepth => false;
}

/// <summary>A matrix as a factor.</summary>
internal struct MatrixSource<TAccess, TLayout> : IProductSource<MatrixSource<TAccess, TLayout>>
    where TAccess : struct, IAccess
    where TLayout : struct, IMatrixLayout
{
    public ArrayView<float> Values;
    public int Outer, Pitch, PartStride;
    private int _step;

    public static bool AlongDepth => TLayout.AlongDepth;

    public void SetStep(int step) => _step = step;

    public MatrixSource<TAccess, TLayout> OfPart(int part) => this;

    public int DepthOf(int depth, int part) => depth;

    public TileLine Prepare(int outer, int part) => TLayout.AlongDepth
        ? new() { Base = outer * Pitch, Valid = outer < Outer ? 1 : 0 }
        : new() { Base = part * PartStride + outer, Valid = Outer - outer };

    public TileDepth Start(int depth) => new() { Depth = depth };

    // The offset is told by one multiplication at each load: to carry it along would take a register more.
    public TileDepth Next(TileDepth at) => new() { Depth = at.Depth + _step };

    public Float4 Load(TileLine line, TileDepth at, int end)
    {
        var quad = new Float4(0, 0, 0, 0);
        int place = TLayout.AlongDepth ? line.Base + at.Depth : at.Depth * Pitch + line.Base;
        if (TAccess.Quads) return line.Valid > 0 & at.Depth < end ? Values.Cast<Float4>()[place >> 2] : quad;
        if (line.Valid <= 0 | at.Depth >= end) return quad;
        int room = TLayout.AlongDepth ? end - at.Depth : line.Valid;
        quad.X = Values[place];
        if (room > 1) quad.Y = Values[place + 1];
        if (room > 2) quad.Z = Values[place + 2];
        if (room > 3) quad.W = Values[place + 3];
        return quad;
    }
}

/// <summary>
/// Stores sums into a row-major matrix, <c>values[row·pitch + part·partStride + column]</c>, with scale, old content,
/// bias and a slope for negative values; or, where the depth was split, plainly into the partial results
/// <c>[part, split, row, column]</c>.
/// </summary>
internal struct MatrixStore : IProductStore
{
    public ArrayView<float> Values, Bias;
    public int Rows, Columns, Pitch, PartStride, Splits, HasBias, AlignedBias;

    /// <summary>Whether quads may be stored as one access.</summary>
    public int Vector;

    public float Alpha, Beta;

    /// <summary>Factor of negative results: 1 for no activation, 0 for ReLU.</summary>
    public float Slope;

    public void Store(int row, int column, int part, int split, Float4 sums)
    {
        if (row >= Rows || column >= Columns) return;
        int room = Columns - column;
        int at;
        if (Splits > 1)
        {
            at = ((part * Splits + split) * Rows + row) * Columns + column;
        }
        else
        {
            int biasAt = part * PartStride + column;
            at = row * Pitch + biasAt;
            sums.X = Result(sums.X, at, biasAt);
            if (room > 1) sums.Y = Result(sums.Y, at + 1, biasAt + 1);
            if (room > 2) sums.Z = Result(sums.Z, at + 2, biasAt + 2);
            if (room > 3) sums.W = Result(sums.W, at + 3, biasAt + 3);
        }
        Put(Values, at, room, Vector, sums);
    }

    /// <summary>Stores the first <paramref name="room"/> of four sums, as one access where all are stored and <paramref name="vector"/> allows it.</summary>
    public static void Put(ArrayView<float> values, int at, int room, int vector, Float4 sums)
    {
        if (vector != 0 && room > 3)
        {
            values.Cast<Float4>()[at >> 2] = sums;
            return;
        }
        values[at] = sums.X;
        if (room > 1) values[at + 1] = sums.Y;
        if (room > 2) values[at + 2] = sums.Z;
        if (room > 3) values[at + 3] = sums.W;
    }

    private float Result(float sum, int at, int biasAt)
    {
        sum *= Alpha;
        if (Beta != 0) sum += Beta * Values[at];
        if (HasBias != 0) sum += Bias[biasAt];
        // Compared with 0 first: 0 times minus infinity is not a number.
        if (sum < 0) sum = Slope == 0 ? 0 : Slope * sum;
        return sum;
    }
}
