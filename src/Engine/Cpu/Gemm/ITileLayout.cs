using System.Runtime.CompilerServices;

namespace IlgpuSpp.Engine.Cpu;

/// <summary>
/// How a block of A lies in scratch memory. Distances between the rows of a tile are constants of the type, so that a
/// kernel needs a single pointer for A, whatever its number of rows.
/// </summary>
internal interface ITileLayout
{
    /// <summary>Floats from one row of the tile to the next.</summary>
    static abstract int RowStride { get; }

    /// <summary>Floats from one k to the next, given the block's own distance.</summary>
    static abstract nint Step(nint step);
}

/// <summary>Rows one after another: <c>a[row·stride + k]</c>.</summary>
internal readonly struct RowLayout : ITileLayout
{
    // 16 past the deepest segment, so that the rows of a tile do not fall into the same cache set.
    public const int Stride = GemmBlocking.Depth + 16;

    public static int RowStride
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Stride;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static nint Step(nint step) => 1;
}

/// <summary>Columns one after another: <c>a[k·step + row]</c>, the transpose of a row-major matrix taken as it lies.</summary>
internal readonly struct ColumnLayout : ITileLayout
{
    public static int RowStride
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => 1;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static nint Step(nint step) => step;
}
