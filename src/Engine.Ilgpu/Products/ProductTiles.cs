using ILGPU;

namespace IlgpuSpp.Engine.Ilgpu;

/// <summary>Four floats that are loaded and stored as one 16-byte access.</summary>
internal struct Float4
{
    public float X, Y, Z, W;

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

    /// <summary>Where a split that begins at some depth ends, in a part of <paramref name="depth"/> products.</summary>
    public readonly int End(int begin, int depth)
    {
        int end = begin + SplitDepth;
        return end > depth ? depth : end;
    }
}

/// <summary>What a source needs to know about the line it loads, computed once before the loop.</summary>
internal struct TileLine
{
    public int Base, Row, Column, Valid, Part;
}

/// <summary>Where in its depth a source is; moves with the loop, so that nothing is divided in it.</summary>
internal struct TileDepth
{
    public int Depth, Inner, Middle, Outer, Offset;

    /// <summary>The offset in the other factor, where that one follows.</summary>
    public int Other;
}

/// <summary>
/// A depth as three digits, such as (tap row, tap column, channel), and the offset in memory that belongs to it. A step adds to
/// the digits and carries; the offset follows by what the digits moved.
/// </summary>
internal struct DepthWalk
{
    /// <summary>Radices of the two lower digits.</summary>
    public int InnerRadix, MiddleRadix;

    /// <summary>Offset of one of each digit.</summary>
    public int InnerOffset, MiddleOffset, OuterOffset;

    /// <summary>The same in the other factor; its innermost digit has the offset 1.</summary>
    public int MiddleOther, OuterOther;

    private int _step, _innerStep, _middleStep, _outerStep, _offsetStep, _otherStep;

    /// <summary>Prepares steps of some depths; called again where a radix has changed.</summary>
    public void SetStep(int step)
    {
        int high = step / InnerRadix;
        _step = step;
        _innerStep = step - high * InnerRadix;
        _outerStep = high / MiddleRadix;
        _middleStep = high - _outerStep * MiddleRadix;
        _offsetStep = _innerStep * InnerOffset + _middleStep * MiddleOffset + _outerStep * OuterOffset;
        _otherStep = _innerStep + _middleStep * MiddleOther + _outerStep * OuterOther;
    }

    /// <summary>The same with another radix of the middle digit.</summary>
    public DepthWalk WithMiddle(int radix)
    {
        DepthWalk walk = this;
        walk.MiddleRadix = radix;
        walk.SetStep(_step);
        return walk;
    }

    public TileDepth Start(int depth)
    {
        int high = depth / InnerRadix, outer = high / MiddleRadix;
        int inner = depth - high * InnerRadix, middle = high - outer * MiddleRadix;
        return new TileDepth
        {
            Depth = depth,
            Inner = inner,
            Middle = middle,
            Outer = outer,
            Offset = inner * InnerOffset + middle * MiddleOffset + outer * OuterOffset,
            Other = inner + middle * MiddleOther + outer * OuterOther,
        };
    }

    public TileDepth Next(TileDepth at) => Carry(new TileDepth
    {
        Depth = at.Depth + _step,
        Inner = at.Inner + _innerStep,
        Middle = at.Middle + _middleStep,
        Outer = at.Outer + _outerStep,
        Offset = at.Offset + _offsetStep,
        Other = at.Other + _otherStep,
    });

    /// <summary>The next depth.</summary>
    public TileDepth Neighbour(TileDepth at) =>
        Carry(new TileDepth { Depth = at.Depth + 1, Inner = at.Inner + 1, Middle = at.Middle, Outer = at.Outer, Offset = at.Offset + InnerOffset, Other = at.Other + 1 });

    private TileDepth Carry(TileDepth at)
    {
        bool inner = at.Inner >= InnerRadix;
        at.Inner -= inner ? InnerRadix : 0;
        at.Middle += inner ? 1 : 0;
        at.Offset += inner ? MiddleOffset - InnerRadix * InnerOffset : 0;
        at.Other += inner ? MiddleOther - InnerRadix : 0;
        bool middle = at.Middle >= MiddleRadix;
        at.Middle -= middle ? MiddleRadix : 0;
        at.Outer += middle ? 1 : 0;
        at.Offset += middle ? OuterOffset - MiddleRadix * MiddleOffset : 0;
        at.Other += middle ? OuterOther - MiddleRadix * MiddleOther : 0;
        return at;
    }
}

/// <summary>How a source reads a quad.</summary>
internal interface IAccess
{
    static abstract bool Quads { get; }
}

/// <summary>As one access of 16 bytes: extents and offsets are multiples of four, so that a quad is inside or outside as a whole.</summary>
internal struct Quads : IAccess
{
    static bool IAccess.Quads => true;
}

/// <summary>Element by element.</summary>
internal struct Singles : IAccess
{
    static bool IAccess.Quads => false;
}

/// <summary>A factor of a product, seen as quads.</summary>
internal interface IProductSource<TSelf>
    where TSelf : struct, IProductSource<TSelf>
{
    /// <summary>True: a quad is four consecutive depths of one row or column. False: four consecutive rows or columns at one depth.</summary>
    static abstract bool AlongDepth { get; }

    /// <summary>Whether this is a second factor that takes its places from the first one's, <see cref="TileDepth.Other"/> among them.</summary>
    static virtual bool FollowsA => false;

    /// <summary>On the host: fixes how many depths the loop goes on at a time.</summary>
    void SetStep(int step);

    /// <summary>The source of one part.</summary>
    /// <param name="part">Channel group or stride phase.</param>
    TSelf OfPart(int part);

    /// <summary>Products of a sum of a part that are not known to be 0, of those of the launch.</summary>
    int DepthOf(int depth, int part);

    /// <summary>Prepares the line of one row or column (or of the quad that starts there).</summary>
    /// <param name="outer">Row of the first factor, column of the second.</param>
    /// <param name="part">Channel group or stride phase.</param>
    TileLine Prepare(int outer, int part);

    /// <summary>The place of a depth, before the loop.</summary>
    TileDepth Start(int depth);

    /// <summary>The place one step on.</summary>
    TileDepth Next(TileDepth at);

    /// <summary>Loads one quad; elements outside the factor are 0.</summary>
    /// <param name="line">The prepared line.</param>
    /// <param name="at">Depth, or the first of four depths.</param>
    /// <param name="end">Depths from here on are outside.</param>
    Float4 Load(TileLine line, TileDepth at, int end);
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
