using System.Runtime.CompilerServices;
using ILGPU;

namespace IlgpuSpp.Engine.Ilgpu.Kernels;

/// <summary>The extents of a convolution as its sources need them.</summary>
internal struct ConvExtent
{
    public int Height, Width, Channels, OutHeight, OutWidth, OutChannels;
    public int StrideHeight, StrideWidth, PadHeight, PadWidth, KernelHeight, KernelWidth;

    /// <summary>Input and output channels of a group.</summary>
    public int GroupIn, GroupOut;

    public int Groups;
}

/// <summary>The input of the forward pass: row = output pixel, depth = (tap, input channel).</summary>
internal struct PatchRows : IProductSource
{
    public ArrayView<float> Values;
    public ConvExtent Conv;
    public FastDivisor ByChannel, ByKernelWidth, ByOutWidth, ByOutHeight;
    public int Rows, Vector;

    public static bool AlongDepth => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TileLine Prepare(int outer, int part)
    {
        int line = ByOutWidth.Divide(outer);
        int image = ByOutHeight.Divide(line);
        int row = line - image * Conv.OutHeight, column = outer - line * Conv.OutWidth;
        return new TileLine
        {
            Base = image * Conv.Height * Conv.Width * Conv.Channels + part * Conv.GroupIn,
            Row = row * Conv.StrideHeight - Conv.PadHeight,
            Column = column * Conv.StrideWidth - Conv.PadWidth,
            Valid = outer < Rows ? 1 : 0,
        };
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Float4 Load(TileLine line, int depth, int end)
    {
        var quad = new Float4(0, 0, 0, 0);
        if (line.Valid == 0) return quad;
        if (Vector != 0)
        {
            int at = depth < end ? Address(line, depth) : -1;
            return at < 0 ? quad : Values.Cast<Float4>()[at >> 2];
        }
        quad.X = Element(line, depth, end);
        quad.Y = Element(line, depth + 1, end);
        quad.Z = Element(line, depth + 2, end);
        quad.W = Element(line, depth + 3, end);
        return quad;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private float Element(TileLine line, int depth, int end)
    {
        int at = depth < end ? Address(line, depth) : -1;
        return at < 0 ? 0 : Values[at];
    }

    // The element's index, or −1 in the padding.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int Address(TileLine line, int depth)
    {
        int tap = ByChannel.Divide(depth);
        int tapRow = ByKernelWidth.Divide(tap);
        int row = line.Row + tapRow, column = line.Column + tap - tapRow * Conv.KernelWidth;
        if (row < 0 || row >= Conv.Height || column < 0 || column >= Conv.Width) return -1;
        return line.Base + (row * Conv.Width + column) * Conv.Channels + depth - tap * Conv.GroupIn;
    }
}

/// <summary>The input of the weight gradient: row = (tap, input channel), depth = output pixel.</summary>
internal struct PatchColumns : IProductSource
{
    public ArrayView<float> Values;
    public ConvExtent Conv;
    public FastDivisor ByChannel, ByKernelWidth, ByOutWidth, ByOutHeight;
    public int Rows, Vector;

    public static bool AlongDepth => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TileLine Prepare(int outer, int part)
    {
        int tap = ByChannel.Divide(outer);
        int tapRow = ByKernelWidth.Divide(tap);
        return new TileLine
        {
            Base = part * Conv.GroupIn + outer - tap * Conv.GroupIn,
            Row = tapRow - Conv.PadHeight,
            Column = tap - tapRow * Conv.KernelWidth - Conv.PadWidth,
            Valid = outer,
        };
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Float4 Load(TileLine line, int depth, int end)
    {
        var quad = new Float4(0, 0, 0, 0);
        if (depth >= end) return quad;
        int outLine = ByOutWidth.Divide(depth);
        int image = ByOutHeight.Divide(outLine);
        int top = (outLine - image * Conv.OutHeight) * Conv.StrideHeight;
        int left = (depth - outLine * Conv.OutWidth) * Conv.StrideWidth;
        image *= Conv.Height;
        if (Vector != 0)
        {
            int at = line.Valid < Rows ? Address(line, image, top, left) : -1;
            return at < 0 ? quad : Values.Cast<Float4>()[at >> 2];
        }
        // The quad may cross into the next tap: each element is decoded on its own.
        int part = line.Base - line.Valid % Conv.GroupIn;
        quad.X = Element(line.Valid, part, image, top, left);
        quad.Y = Element(line.Valid + 1, part, image, top, left);
        quad.Z = Element(line.Valid + 2, part, image, top, left);
        quad.W = Element(line.Valid + 3, part, image, top, left);
        return quad;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private float Element(int outer, int part, int image, int top, int left)
    {
        if (outer >= Rows) return 0;
        int tap = ByChannel.Divide(outer);
        int tapRow = ByKernelWidth.Divide(tap);
        var line = new TileLine
        {
            Base = part + outer - tap * Conv.GroupIn,
            Row = tapRow - Conv.PadHeight,
            Column = tap - tapRow * Conv.KernelWidth - Conv.PadWidth,
        };
        int at = Address(line, image, top, left);
        return at < 0 ? 0 : Values[at];
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int Address(TileLine line, int image, int top, int left)
    {
        int row = top + line.Row, column = left + line.Column;
        if (row < 0 || row >= Conv.Height || column < 0 || column >= Conv.Width) return -1;
        return ((image + row) * Conv.Width + column) * Conv.Channels + line.Base;
    }
}

/// <summary>
/// One stride phase of the input gradient. A tap reaches an input row y only where y + pad − tap is a multiple of the
/// stride; rows that agree modulo the stride use the same taps, so that each of the stride² phases is a dense product
/// of its own: row = input pixel of the phase, depth = (tap of the phase, output channel), part = phase·groups + group.
/// </summary>
internal struct PhaseExtent
{
    public ConvExtent Conv;
    public FastDivisor ByChannel, ByTapsWide, ByWide, ByHigh;

    /// <summary>Taps of a phase, at most: ⌈kernel / stride⌉.</summary>
    public int TapsWide;

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
}

/// <summary>The output gradient in the input gradient's product.</summary>
internal struct PhaseGradientRows : IProductSource
{
    public ArrayView<float> Values;
    public PhaseExtent Phase;
    public int Vector;

    public static bool AlongDepth => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TileLine Prepare(int outer, int part)
    {
        int line = Phase.ByWide.Divide(outer);
        int image = Phase.ByHigh.Divide(line);
        int row = (line - image * Phase.High) * Phase.Conv.StrideHeight + Phase.PhaseRow(part);
        int column = (outer - line * Phase.Wide) * Phase.Conv.StrideWidth + Phase.PhaseColumn(part);
        return new TileLine
        {
            Base = image * Phase.Conv.OutHeight * Phase.Conv.OutWidth * Phase.Conv.OutChannels + part % Phase.Conv.Groups * Phase.Conv.GroupOut,
            Row = (row + Phase.Conv.PadHeight - Phase.FirstTapRow(part)) / Phase.Conv.StrideHeight,
            Column = (column + Phase.Conv.PadWidth - Phase.FirstTapColumn(part)) / Phase.Conv.StrideWidth,
            Valid = outer < Phase.Rows ? 1 : 0,
        };
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Float4 Load(TileLine line, int depth, int end)
    {
        var quad = new Float4(0, 0, 0, 0);
        if (line.Valid == 0) return quad;
        if (Vector != 0)
        {
            int at = depth < end ? Address(line, depth) : -1;
            return at < 0 ? quad : Values.Cast<Float4>()[at >> 2];
        }
        quad.X = Element(line, depth, end);
        quad.Y = Element(line, depth + 1, end);
        quad.Z = Element(line, depth + 2, end);
        quad.W = Element(line, depth + 3, end);
        return quad;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private float Element(TileLine line, int depth, int end)
    {
        int at = depth < end ? Address(line, depth) : -1;
        return at < 0 ? 0 : Values[at];
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int Address(TileLine line, int depth)
    {
        int tap = Phase.ByChannel.Divide(depth);
        int tapRow = Phase.ByTapsWide.Divide(tap);
        int row = line.Row - tapRow, column = line.Column - (tap - tapRow * Phase.TapsWide);
        if (row < 0 || row >= Phase.Conv.OutHeight || column < 0 || column >= Phase.Conv.OutWidth) return -1;
        return line.Base + (row * Phase.Conv.OutWidth + column) * Phase.Conv.OutChannels + depth - tap * Phase.Conv.GroupOut;
    }
}

/// <summary>The weights in the input gradient's product: column = input channel of the group.</summary>
internal struct PhaseWeightRows : IProductSource
{
    public ArrayView<float> Values;
    public PhaseExtent Phase;
    public int Vector;

    public static bool AlongDepth => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TileLine Prepare(int outer, int part) => new()
    {
        Base = outer * Phase.Conv.OutChannels + part % Phase.Conv.Groups * Phase.Conv.GroupOut,
        Row = Phase.FirstTapRow(part),
        Column = Phase.FirstTapColumn(part),
        Valid = outer < Phase.Conv.GroupIn ? 1 : 0,
    };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Float4 Load(TileLine line, int depth, int end)
    {
        var quad = new Float4(0, 0, 0, 0);
        if (line.Valid == 0) return quad;
        if (Vector != 0)
        {
            int at = depth < end ? Address(line, depth) : -1;
            return at < 0 ? quad : Values.Cast<Float4>()[at >> 2];
        }
        quad.X = Element(line, depth, end);
        quad.Y = Element(line, depth + 1, end);
        quad.Z = Element(line, depth + 2, end);
        quad.W = Element(line, depth + 3, end);
        return quad;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private float Element(TileLine line, int depth, int end)
    {
        int at = depth < end ? Address(line, depth) : -1;
        return at < 0 ? 0 : Values[at];
    }

    // The element's index, or −1 for a tap that the phase does not have.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int Address(TileLine line, int depth)
    {
        int tap = Phase.ByChannel.Divide(depth);
        int phaseRow = Phase.ByTapsWide.Divide(tap);
        int row = line.Row + phaseRow * Phase.Conv.StrideHeight;
        int column = line.Column + (tap - phaseRow * Phase.TapsWide) * Phase.Conv.StrideWidth;
        if (row >= Phase.Conv.KernelHeight || column >= Phase.Conv.KernelWidth) return -1;
        return (row * Phase.Conv.KernelWidth + column) * Phase.Conv.GroupIn * Phase.Conv.OutChannels + line.Base + depth - tap * Phase.Conv.GroupOut;
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
