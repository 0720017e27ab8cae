using System.Runtime.CompilerServices;
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
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Inside(int at, int extent) => (uint)at < (uint)extent;
}

/// <summary>The input of the forward pass: row = output pixel, depth = (tap, input channel).</summary>
internal struct PatchRows<TAccess> : IProductSource<PatchRows<TAccess>>
    where TAccess : struct, IAccess
{
    public ArrayView<float> Values;
    public ConvExtent Conv;
    public FastDivisor ByOutWidth, ByOutHeight;
    public int Rows;

    /// <summary>Tap row, tap column, channel.</summary>
    public DepthWalk Walk;

    public static bool AlongDepth => true;

    public void SetStep(int step) => Walk.SetStep(step);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public PatchRows<TAccess> OfPart(int part) => this;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int DepthOf(int depth) => depth;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
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

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TileDepth Start(int depth) => Walk.Start(depth);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TileDepth Next(TileDepth at) => Walk.Next(at);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Float4 Load(TileLine line, TileDepth at, int end)
    {
        var quad = new Float4(0, 0, 0, 0);
        if (TAccess.Quads) return Holds(line, at, end) ? Values.Cast<Float4>()[(line.Base + at.Offset) >> 2] : quad;
        if (Holds(line, at, end)) quad.X = Values[line.Base + at.Offset];
        at = Walk.Neighbour(at);
        if (Holds(line, at, end)) quad.Y = Values[line.Base + at.Offset];
        at = Walk.Neighbour(at);
        if (Holds(line, at, end)) quad.Z = Values[line.Base + at.Offset];
        at = Walk.Neighbour(at);
        if (Holds(line, at, end)) quad.W = Values[line.Base + at.Offset];
        return quad;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool Holds(TileLine line, TileDepth at, int end) =>
        at.Depth < end & ConvExtent.Inside(line.Row + at.Outer, Conv.Height) & ConvExtent.Inside(line.Column + at.Middle, Conv.Width);
}

/// <summary>The input of the weight gradient: row = (tap, input channel), depth = output pixel.</summary>
internal struct PatchColumns<TAccess> : IProductSource<PatchColumns<TAccess>>
    where TAccess : struct, IAccess
{
    public ArrayView<float> Values;
    public ConvExtent Conv;
    public FastDivisor ByChannel, ByKernelWidth;
    public int Rows;

    /// <summary>Image, output row, output column.</summary>
    public DepthWalk Walk;

    public static bool AlongDepth => false;

    public void SetStep(int step) => Walk.SetStep(step);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public PatchColumns<TAccess> OfPart(int part) => this;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int DepthOf(int depth) => depth;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
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
        };
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TileDepth Start(int depth) => Walk.Start(depth);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TileDepth Next(TileDepth at) => Walk.Next(at);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Float4 Load(TileLine line, TileDepth at, int end)
    {
        var quad = new Float4(0, 0, 0, 0);
        if (TAccess.Quads) return Holds(line, at, end) ? Values.Cast<Float4>()[(line.Base + at.Offset) >> 2] : quad;
        if (Holds(line, at, end)) quad.X = Values[line.Base + at.Offset];
        // The quad may cross into the next tap: each element is decoded on its own.
        int part = line.Base - Prepare(line.Valid, 0).Base;
        TileLine next = Prepare(line.Valid + 1, 0);
        if (Holds(next, at, end)) quad.Y = Values[part + next.Base + at.Offset];
        next = Prepare(line.Valid + 2, 0);
        if (Holds(next, at, end)) quad.Z = Values[part + next.Base + at.Offset];
        next = Prepare(line.Valid + 3, 0);
        if (Holds(next, at, end)) quad.W = Values[part + next.Base + at.Offset];
        return quad;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool Holds(TileLine line, TileDepth at, int end) =>
        at.Depth < end &
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

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int PhaseRow(int part) => part / Conv.Groups / Conv.StrideWidth;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int PhaseColumn(int part) => part / Conv.Groups % Conv.StrideWidth;

    /// <summary>The first tap that reaches a phase.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int FirstTapRow(int part) => (PhaseRow(part) + Conv.PadHeight) % Conv.StrideHeight;

    /// <summary>The first tap that reaches a phase.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int FirstTapColumn(int part) => (PhaseColumn(part) + Conv.PadWidth) % Conv.StrideWidth;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int TapsHigh(int part) => (Conv.KernelHeight - FirstTapRow(part) + Conv.StrideHeight - 1) / Conv.StrideHeight;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int TapsWide(int part) => (Conv.KernelWidth - FirstTapColumn(part) + Conv.StrideWidth - 1) / Conv.StrideWidth;
}

/// <summary>The output gradient in the input gradient's product.</summary>
internal struct PhaseGradientRows<TAccess> : IProductSource<PhaseGradientRows<TAccess>>
    where TAccess : struct, IAccess
{
    public ArrayView<float> Values;
    public PhaseExtent Phase;

    /// <summary>Tap row, tap column, channel. The columns of taps differ from phase to phase.</summary>
    public DepthWalk Walk;

    private int _step, _depth;

    public static bool AlongDepth => true;

    public void SetStep(int step) => _step = step;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public PhaseGradientRows<TAccess> OfPart(int part)
    {
        PhaseGradientRows<TAccess> mine = this;
        int wide = Phase.TapsWide(part);
        mine._depth = Phase.TapsHigh(part) * wide * Phase.Conv.GroupOut;
        mine.Walk.MiddleRadix = wide < 1 ? 1 : wide;
        mine.Walk.SetStep(_step);
        return mine;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int DepthOf(int depth) => _depth < depth ? _depth : depth;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TileLine Prepare(int outer, int part)
    {
        int line = Phase.ByWide.Divide(outer);
        int image = Phase.ByHigh.Divide(line);
        int y = (line - image * Phase.High) * Phase.Conv.StrideHeight + Phase.PhaseRow(part);
        int x = (outer - line * Phase.Wide) * Phase.Conv.StrideWidth + Phase.PhaseColumn(part);
        int row = (y + Phase.Conv.PadHeight - Phase.FirstTapRow(part)) / Phase.Conv.StrideHeight;
        int column = (x + Phase.Conv.PadWidth - Phase.FirstTapColumn(part)) / Phase.Conv.StrideWidth;
        return new TileLine
        {
            Base = ((image * Phase.Conv.OutHeight + row) * Phase.Conv.OutWidth + column) * Phase.Conv.OutChannels + part % Phase.Conv.Groups * Phase.Conv.GroupOut,
            Row = outer < Phase.Rows ? row : int.MinValue / 2,
            Column = column,
        };
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TileDepth Start(int depth) => Walk.Start(depth);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TileDepth Next(TileDepth at) => Walk.Next(at);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Float4 Load(TileLine line, TileDepth at, int end)
    {
        var quad = new Float4(0, 0, 0, 0);
        if (TAccess.Quads) return Holds(line, at, end) ? Values.Cast<Float4>()[(line.Base + at.Offset) >> 2] : quad;
        if (Holds(line, at, end)) quad.X = Values[line.Base + at.Offset];
        at = Walk.Neighbour(at);
        if (Holds(line, at, end)) quad.Y = Values[line.Base + at.Offset];
        at = Walk.Neighbour(at);
        if (Holds(line, at, end)) quad.Z = Values[line.Base + at.Offset];
        at = Walk.Neighbour(at);
        if (Holds(line, at, end)) quad.W = Values[line.Base + at.Offset];
        return quad;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool Holds(TileLine line, TileDepth at, int end) =>
        at.Depth < end & ConvExtent.Inside(line.Row - at.Outer, Phase.Conv.OutHeight) & ConvExtent.Inside(line.Column - at.Middle, Phase.Conv.OutWidth);
}

/// <summary>
/// The weights in the input gradient's product: column = input channel of the group. Their depth is that of
/// <see cref="PhaseGradientRows{TAccess}"/>, whose places hold their offsets too.
/// </summary>
internal struct PhaseWeightRows<TAccess> : IProductSource<PhaseWeightRows<TAccess>>
    where TAccess : struct, IAccess
{
    public ArrayView<float> Values;
    public PhaseExtent Phase;

    /// <summary>Tap row, tap column, channel; for single elements only.</summary>
    public DepthWalk Walk;

    private int _step;

    public static bool AlongDepth => true;

    public static bool FollowsA => TAccess.Quads;

    public void SetStep(int step) => _step = step;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public PhaseWeightRows<TAccess> OfPart(int part)
    {
        PhaseWeightRows<TAccess> mine = this;
        if (TAccess.Quads) return mine;
        int wide = Phase.TapsWide(part);
        mine.Walk.MiddleRadix = wide < 1 ? 1 : wide;
        mine.Walk.SetStep(_step);
        return mine;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int DepthOf(int depth) => depth;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TileLine Prepare(int outer, int part) => new()
    {
        Base = ((Phase.FirstTapRow(part) * Phase.Conv.KernelWidth + Phase.FirstTapColumn(part)) * Phase.Conv.GroupIn + outer) * Phase.Conv.OutChannels
            + part % Phase.Conv.Groups * Phase.Conv.GroupOut,
        Valid = outer < Phase.Conv.GroupIn ? 1 : 0,
    };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TileDepth Start(int depth) => Walk.Start(depth);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TileDepth Next(TileDepth at) => Walk.Next(at);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Float4 Load(TileLine line, TileDepth at, int end)
    {
        var quad = new Float4(0, 0, 0, 0);
        if (TAccess.Quads) return line.Valid != 0 & at.Depth < end ? Values.Cast<Float4>()[(line.Base + at.Other) >> 2] : quad;
        if (line.Valid == 0) return quad;
        if (at.Depth < end) quad.X = Values[line.Base + at.Other];
        at = Walk.Neighbour(at);
        if (at.Depth < end) quad.Y = Values[line.Base + at.Other];
        at = Walk.Neighbour(at);
        if (at.Depth < end) quad.Z = Values[line.Base + at.Other];
        at = Walk.Neighbour(at);
        if (at.Depth < end) quad.W = Values[line.Base + at.Other];
        return quad;
    }
}

/// <summary>Stores the input gradient's sums at the pixels of their phase.</summary>
internal struct PhaseStore : IProductStore
{
    public ArrayView<float> Values;
    public PhaseExtent Phase;
    public int Vector;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(int row, int column, int part, int split, Float4 sums)
    {
        if (row >= Phase.Rows || column >= Phase.Conv.GroupIn) return;
        int line = Phase.ByWide.Divide(row);
        int image = Phase.ByHigh.Divide(line);
        int y = (line - image * Phase.High) * Phase.Conv.StrideHeight + Phase.PhaseRow(part);
        int x = (row - line * Phase.Wide) * Phase.Conv.StrideWidth + Phase.PhaseColumn(part);
        if (y >= Phase.Conv.Height || x >= Phase.Conv.Width) return;
        int at = ((image * Phase.Conv.Height + y) * Phase.Conv.Width + x) * Phase.Conv.Channels + part % Phase.Conv.Groups * Phase.Conv.GroupIn + column;
        if (Vector != 0 && column + 3 < Phase.Conv.GroupIn)
        {
            Values.Cast<Float4>()[at >> 2] = sums;
            return;
        }
        Values[at] = sums.X;
        if (column + 1 < Phase.Conv.GroupIn) Values[at + 1] = sums.Y;
        if (column + 2 < Phase.Conv.GroupIn) Values[at + 2] = sums.Z;
        if (column + 3 < Phase.Conv.GroupIn) Values[at + 3] = sums.W;
    }
}
