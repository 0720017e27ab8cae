using ILGPU;

namespace IlgpuSpp.Engine.Ilgpu;

/// <summary>The extents of a convolution as its sources need them.</summary>
internal struct ConvExtent
{
    public int Height, Width, Channels, OutHeight, OutWidth, OutChannels;
    public int StrideHeight, StrideWidth, PadHeight, PadWidth, KernelHeight, KernelWidth;

    /// <summary>Input and output channels of a group.</summary>
    public int GroupIn, GroupOut;

    public int Groups;

    /// <summary>Whether a coordinate lies on a map: one comparison, as a negative number is a large one without sign.</summary>
    public static bool Inside(int at, int extent) => (uint)at < (uint)extent;
}

/// <summary>Where a factor of a convolution's product finds its elements.</summary>
internal interface IConvPlaces<TSelf>
    where TSelf : struct, IConvPlaces<TSelf>
{
    /// <summary>As <see cref="IProductSource{TSelf}.AlongDepth"/>; where it is false, <see cref="TileLine.Valid"/> is the row of the line.</summary>
    static abstract bool AlongDepth { get; }

    /// <summary>Whether offsets are those of the second factor, <see cref="TileDepth.Other"/>, and quads follow the first.</summary>
    static virtual bool FollowsA => false;

    /// <summary>The depth's digits in a part.</summary>
    static virtual DepthWalk WalkOf(TSelf places, DepthWalk walk, int part) => walk;

    /// <summary>As <see cref="IProductSource{TSelf}.DepthOf"/>.</summary>
    static virtual int DepthOf(TSelf places, int depth, int part) => depth;

    /// <summary>As <see cref="IProductSource{TSelf}.Prepare"/>.</summary>
    TileLine Prepare(int outer, int part);

    /// <summary>Whether the factor has an element there, the depth's end apart.</summary>
    bool Holds(TileLine line, TileDepth at);
}

/// <summary>A factor of a convolution's product: gathered as it is loaded.</summary>
internal struct ConvSource<TAccess, TPlaces> : IProductSource<ConvSource<TAccess, TPlaces>>
    where TAccess : struct, IAccess
    where TPlaces : struct, IConvPlaces<TPlaces>
{
    public ArrayView<float> Values;
    public TPlaces Places;
    public DepthWalk Walk;

    public static bool AlongDepth => TPlaces.AlongDepth;

    public static bool FollowsA => TPlaces.FollowsA && TAccess.Quads;

    public void SetStep(int step) => Walk.SetStep(step);

    public ConvSource<TAccess, TPlaces> OfPart(int part)
    {
        ConvSource<TAccess, TPlaces> mine = this;
        mine.Walk = TPlaces.WalkOf(Places, Walk, part);
        return mine;
    }

    public int DepthOf(int depth, int part) => TPlaces.DepthOf(Places, depth, part);

    public TileLine Prepare(int outer, int part) => Places.Prepare(outer, part);

    public TileDepth Start(int depth) => Walk.Start(depth);

    public TileDepth Next(TileDepth at) => Walk.Next(at);

    public Float4 Load(TileLine line, TileDepth at, int end)
    {
        var quad = new Float4(0, 0, 0, 0);
        if (TAccess.Quads) return Holds(line, at, end) ? Values.Cast<Float4>()[Place(line, at) >> 2] : quad;
        quad.X = Element(line, at, end);
        (line, at) = Neighbour(line, at);
        quad.Y = Element(line, at, end);
        (line, at) = Neighbour(line, at);
        quad.Z = Element(line, at, end);
        (line, at) = Neighbour(line, at);
        quad.W = Element(line, at, end);
        return quad;
    }

    private float Element(TileLine line, TileDepth at, int end) => Holds(line, at, end) ? Values[Place(line, at)] : 0;

    private bool Holds(TileLine line, TileDepth at, int end) => at.Depth < end & Places.Holds(line, at);

    private static int Place(TileLine line, TileDepth at) => line.Base + (TPlaces.FollowsA ? at.Other : at.Offset);

    // A quad of rows may cross into the next tap: each element is decoded on its own.
    private (TileLine Line, TileDepth At) Neighbour(TileLine line, TileDepth at) =>
        TPlaces.AlongDepth ? (line, Walk.Neighbour(at)) : (Places.Prepare(line.Valid + 1, line.Part), at);
}

/// <summary>The input of the forward pass: row = output pixel, depth = (tap row, tap column, input channel).</summary>
internal struct PatchRows : IConvPlaces<PatchRows>
{
    public ConvExtent Conv;
    public FastDivisor ByOutWidth, ByOutHeight;
    public int Rows;

    public static bool AlongDepth => true;

    public TileLine Prepare(int outer, int part)
    {
        int line = ByOutWidth.Divide(outer);
        int image = ByOutHeight.Divide(line);
        int row = (line - image * Conv.OutHeight) * Conv.StrideHeight - Conv.PadHeight;
        int column = (outer - line * Conv.OutWidth) * Conv.StrideWidth - Conv.PadWidth;
        return new TileLine
        {
            Base = ((image * Conv.Height + row) * Conv.Width + column) * Conv.Channels + part * Conv.GroupIn,
            // A row beyond the last pixel lies outside the map at every tap.
            Row = outer < Rows ? row : int.MinValue / 2,
            Column = column,
        };
    }

    public bool Holds(TileLine line, TileDepth at) =>
        ConvExtent.Inside(line.Row + at.Outer, Conv.Height) & ConvExtent.Inside(line.Column + at.Middle, Conv.Width);
}

/// <summary>The input of the weight gradient: row = (tap, input channel), depth = (image, output row, output column).</summary>
internal struct PatchColumns : IConvPlaces<PatchColumns>
{
    public ConvExtent Conv;
    public FastDivisor ByChannel, ByKernelWidth;
    public int Rows;

    public static bool AlongDepth => false;

    public TileLine Prepare(int outer, int part)
    {
        int tap = ByChannel.Divide(outer);
        int tapRow = ByKernelWidth.Divide(tap);
        int row = tapRow - Conv.PadHeight, column = tap - tapRow * Conv.KernelWidth - Conv.PadWidth;
        return new TileLine
        {
            Base = (row * Conv.Width + column) * Conv.Channels + part * Conv.GroupIn + outer - tap * Conv.GroupIn,
            Row = outer < Rows ? row : int.MinValue / 2,
            Column = column,
            Valid = outer,
            Part = part,
        };
    }

    public bool Holds(TileLine line, TileDepth at) =>
        ConvExtent.Inside(line.Row + at.Middle * Conv.StrideHeight, Conv.Height) &
        ConvExtent.Inside(line.Column + at.Inner * Conv.StrideWidth, Conv.Width);
}

/// <summary>
/// One stride phase of the input gradient. A tap reaches an input row y only where y + pad − tap is a multiple of the
/// stride; rows that agree modulo the stride use the same taps, so that each of the stride² phases is a dense product
/// of its own: row = input pixel of the phase, depth = (tap of the phase, output channel), part = phase·groups + group.
/// </summary>
internal struct PhaseExtent
{
    public ConvExtent Conv;
    public FastDivisor ByWide, ByHigh;

    /// <summary>Pixels of a phase, at most: ⌈extent / stride⌉.</summary>
    public int High, Wide;

    /// <summary>Images times <see cref="High"/> times <see cref="Wide"/>.</summary>
    public int Rows;

    public int PhaseRow(int part) => part / Conv.Groups / Conv.StrideWidth;

    public int PhaseColumn(int part) => part / Conv.Groups % Conv.StrideWidth;

    /// <summary>The first tap that reaches a phase.</summary>
    public int FirstTapRow(int part) => (PhaseRow(part) + Conv.PadHeight) % Conv.StrideHeight;

    /// <summary>The first tap that reaches a phase.</summary>
    public int FirstTapColumn(int part) => (PhaseColumn(part) + Conv.PadWidth) % Conv.StrideWidth;

    public int TapsHigh(int part) => (Conv.KernelHeight - FirstTapRow(part) + Conv.StrideHeight - 1) / Conv.StrideHeight;

    public int TapsWide(int part) => (Conv.KernelWidth - FirstTapColumn(part) + Conv.StrideWidth - 1) / Conv.StrideWidth;

    /// <summary>The depth's digits (tap row, tap column, channel): the columns of taps differ from phase to phase.</summary>
    public DepthWalk WalkOf(DepthWalk walk, int part)
    {
        int wide = TapsWide(part);
        return walk.WithMiddle(wide < 1 ? 1 : wide);
    }

    /// <summary>Which pixel of the input a row is; the last ones may lie beyond the map.</summary>
    public (int Image, int Y, int X) Pixel(int row, int part)
    {
        int line = ByWide.Divide(row);
        int image = ByHigh.Divide(line);
        return (image, (line - image * High) * Conv.StrideHeight + PhaseRow(part), (row - line * Wide) * Conv.StrideWidth + PhaseColumn(part));
    }
}

/// <summary>The output gradient in the input gradient's product.</summary>
internal struct PhaseGradients : IConvPlaces<PhaseGradients>
{
    public PhaseExtent Phase;

    public static bool AlongDepth => true;

    public static DepthWalk WalkOf(PhaseGradients places, DepthWalk walk, int part) => places.Phase.WalkOf(walk, part);

    public static int DepthOf(PhaseGradients places, int depth, int part)
    {
        int mine = places.Phase.TapsHigh(part) * places.Phase.TapsWide(part) * places.Phase.Conv.GroupOut;
        return mine < depth ? mine : depth;
    }

    public TileLine Prepare(int outer, int part)
    {
        var (image, y, x) = Phase.Pixel(outer, part);
        int row = (y + Phase.Conv.PadHeight - Phase.FirstTapRow(part)) / Phase.Conv.StrideHeight;
        int column = (x + Phase.Conv.PadWidth - Phase.FirstTapColumn(part)) / Phase.Conv.StrideWidth;
        return new TileLine
        {
            Base = ((image * Phase.Conv.OutHeight + row) * Phase.Conv.OutWidth + column) * Phase.Conv.OutChannels + part % Phase.Conv.Groups * Phase.Conv.GroupOut,
            Row = outer < Phase.Rows ? row : int.MinValue / 2,
            Column = column,
        };
    }

    public bool Holds(TileLine line, TileDepth at) =>
        ConvExtent.Inside(line.Row - at.Outer, Phase.Conv.OutHeight) & ConvExtent.Inside(line.Column - at.Middle, Phase.Conv.OutWidth);
}

/// <summary>
/// The weights in the input gradient's product: column = input channel of the group. Their depth is that of
/// <see cref="PhaseGradients"/>, whose places hold their offsets too.
/// </summary>
internal struct PhaseWeights : IConvPlaces<PhaseWeights>
{
    public PhaseExtent Phase;

    public static bool AlongDepth => true;

    public static bool FollowsA => true;

    public static DepthWalk WalkOf(PhaseWeights places, DepthWalk walk, int part) => places.Phase.WalkOf(walk, part);

    public TileLine Prepare(int outer, int part) => new()
    {
        Base = ((Phase.FirstTapRow(part) * Phase.Conv.KernelWidth + Phase.FirstTapColumn(part)) * Phase.Conv.GroupIn + outer) * Phase.Conv.OutChannels
            + part % Phase.Conv.Groups * Phase.Conv.GroupOut,
        Valid = outer < Phase.Conv.GroupIn ? 1 : 0,
    };

    public bool Holds(TileLine line, TileDepth at) => line.Valid != 0;
}

/// <summary>Stores the input gradient's sums at the pixels of their phase.</summary>
internal struct PhaseStore : IProductStore
{
    public ArrayView<float> Values;
    public PhaseExtent Phase;
    public int Vector;

    public void Store(int row, int column, int part, int split, Float4 sums)
    {
        if (row >= Phase.Rows || column >= Phase.Conv.GroupIn) return;
        var (image, y, x) = Phase.Pixel(row, part);
        if (y >= Phase.Conv.Height || x >= Phase.Conv.Width) return;
        int at = ((image * Phase.Conv.Height + y) * Phase.Conv.Width + x) * Phase.Conv.Channels + part % Phase.Conv.Groups * Phase.Conv.GroupIn + column;
        MatrixStore.Put(Values, at, Phase.Conv.GroupIn - column, Vector, sums);
    }
}
