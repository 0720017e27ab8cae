using System.Runtime.CompilerServices;
using ILGPU;

namespace IlgpuSpp.Engine.Ilgpu.Kernels;

/// <summary>Four floats that are loaded and stored as one 16-byte access.</summary>
internal struct Float4
{
    public float X, Y, Z, W;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Float4(float x, float y, float z, float w)
    {
        X = x;
        Y = y;
        Z = z;
        W = w;
    }
}

/// <summary>
/// The extent of one group's tile. A tile is square, 8·<see cref="Side"/> rows and columns; each of its
/// <see cref="Side"/>² threads holds 8×8 sums. <see cref="Depth"/> is such that every thread loads two quads of each
/// factor a step.
/// </summary>
internal interface IProductTile
{
    /// <summary>Threads along each side.</summary>
    static abstract int Side { get; }

    /// <summary>Products of a step.</summary>
    static abstract int Depth { get; }
}

/// <summary>128×128 sums, 256 threads, 16 products a step: large products on a GPU.</summary>
internal struct Tile128 : IProductTile
{
    public static int Side => 16;
    public static int Depth => 16;
}

/// <summary>64×64 sums, 64 threads, 8 products a step: small products on a GPU.</summary>
internal struct Tile64 : IProductTile
{
    public static int Side => 8;
    public static int Depth => 8;
}

/// <summary>32×32 sums, 16 threads, 4 products a step: fits the group limit of ILGPU's CPU accelerator.</summary>
internal struct Tile32 : IProductTile
{
    public static int Side => 4;
    public static int Depth => 4;
}

/// <summary>The extents of one product, and how its depth is split over groups.</summary>
internal struct ProductExtent
{
    /// <summary>Rows of the result.</summary>
    public int Rows;

    /// <summary>Columns of the result.</summary>
    public int Columns;

    /// <summary>Products in a sum.</summary>
    public int Depth;

    /// <summary>Groups that share one tile's depth; each writes its own partial result.</summary>
    public int Splits;

    /// <summary>Products of one split, a multiple of the tile's depth.</summary>
    public int SplitDepth;
}

/// <summary>What a source needs to know about the line it loads, computed once before the loop.</summary>
internal struct TileLine
{
    public int Base, Row, Column, Valid;
}

/// <summary>A factor of a product, seen as quads.</summary>
internal interface IProductSource
{
    /// <summary>True: a quad is four consecutive depths of one row or column. False: four consecutive rows or columns at one depth.</summary>
    static abstract bool AlongDepth { get; }

    /// <summary>Prepares the line of one row or column (or of the quad that starts there).</summary>
    /// <param name="outer">Row of the first factor, column of the second.</param>
    /// <param name="part">Channel group or stride phase.</param>
    TileLine Prepare(int outer, int part);

    /// <summary>Loads one quad; elements outside the factor are 0.</summary>
    /// <param name="line">The prepared line.</param>
    /// <param name="depth">Depth, or the first of four depths.</param>
    /// <param name="end">Depths from here on are outside.</param>
    Float4 Load(TileLine line, int depth, int end);
}

/// <summary>Where the sums of a product go.</summary>
internal interface IProductStore
{
    /// <summary>Stores four sums of one row.</summary>
    /// <param name="row">Row of the result.</param>
    /// <param name="column">First of four columns of the result.</param>
    /// <param name="part">Channel group or stride phase.</param>
    /// <param name="split">Which split of the depth.</param>
    /// <param name="sums">The four sums.</param>
    void Store(int row, int column, int part, int split, Float4 sums);
}
