using System.Runtime.CompilerServices;
using ILGPU;

namespace IlgpuSpp.Engine.Ilgpu.Kernels;

/// <summary>A factor whose depth is its contiguous direction: <c>values[outer·pitch + depth]</c>.</summary>
internal struct DepthContiguous : IProductSource
{
    public ArrayView<float> Values;
    public int Outer, Pitch, Vector;

    public static bool AlongDepth => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TileLine Prepare(int outer, int part) =>
        new() { Base = outer * Pitch, Valid = outer < Outer ? 1 : 0 };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Float4 Load(TileLine line, int depth, int end)
    {
        var quad = new Float4(0, 0, 0, 0);
        if (line.Valid == 0) return quad;
        int at = line.Base + depth;
        if (Vector != 0 && depth + 3 < end) return Values.Cast<Float4>()[at >> 2];
        if (depth < end) quad.X = Values[at];
        if (depth + 1 < end) quad.Y = Values[at + 1];
        if (depth + 2 < end) quad.Z = Values[at + 2];
        if (depth + 3 < end) quad.W = Values[at + 3];
        return quad;
    }
}

/// <summary>A factor whose rows or columns are its contiguous direction: <c>values[depth·pitch + part·partStride + outer]</c>.</summary>
internal struct OuterContiguous : IProductSource
{
    public ArrayView<float> Values;
    public int Outer, Pitch, PartStride, Vector;

    public static bool AlongDepth => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TileLine Prepare(int outer, int part) =>
        new() { Base = part * PartStride + outer, Valid = Outer - outer };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Float4 Load(TileLine line, int depth, int end)
    {
        var quad = new Float4(0, 0, 0, 0);
        if (depth >= end) return quad;
        int at = depth * Pitch + line.Base;
        if (Vector != 0 && line.Valid > 3) return Values.Cast<Float4>()[at >> 2];
        if (line.Valid > 0) quad.X = Values[at];
        if (line.Valid > 1) quad.Y = Values[at + 1];
        if (line.Valid > 2) quad.Z = Values[at + 2];
        if (line.Valid > 3) quad.W = Values[at + 3];
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
    public int Rows, Columns, Pitch, PartStride, Splits, HasBias;

    /// <summary>Whether quads may be stored as one access.</summary>
    public int Vector;

    public float Alpha, Beta;

    /// <summary>Factor of negative results: 1 for no activation, 0 for ReLU.</summary>
    public float Slope;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
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
        if (Vector != 0 && room > 3)
        {
            Values.Cast<Float4>()[at >> 2] = sums;
            return;
        }
        Values[at] = sums.X;
        if (room > 1) Values[at + 1] = sums.Y;
        if (room > 2) Values[at + 2] = sums.Z;
        if (room > 3) Values[at + 3] = sums.W;
    }

    /// <summary>Adds up one element's partial results in the order of the splits and stores it as <see cref="Store"/> would have.</summary>
    /// <param name="partials">The partial results.</param>
    /// <param name="index">Part, row and column of the element, row-major.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Finish(ArrayView<float> partials, int index)
    {
        int size = Rows * Columns;
        int part = index / size, inside = index % size;
        int row = inside / Columns, column = inside % Columns;
        float sum = 0;
        for (int split = 0; split < Splits; split++) sum += partials[(part * Splits + split) * size + inside];
        int biasAt = part * PartStride + column, at = row * Pitch + biasAt;
        Values[at] = Result(sum, at, biasAt);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
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
