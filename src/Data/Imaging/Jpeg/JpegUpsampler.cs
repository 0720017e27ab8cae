using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace IlgpuSpp.Data.Imaging.Jpeg;

/// <summary>
/// Gives the rows of one component at full resolution. Ratios of 1:1 are passed through; 2:1 horizontally, vertically or both use
/// the triangle filter of the IJG library ("fancy upsampling": 3/4 of the nearer sample, 1/4 of the farther, with its alternating
/// roundings); other whole ratios repeat samples, as that library does; fractional ratios interpolate linearly between sample centres.
/// </summary>
internal ref struct JpegUpsampler
{
    private readonly JpegComponent _component;
    private readonly Method _method;
    private readonly int _width;
    private readonly int _maxH;
    private readonly int _maxV;
    private readonly int _h;
    private readonly int _v;
    private readonly Span<byte> _row;
    private readonly Span<ushort> _sums;
    private int _rowIndex = -1;

    /// <summary>Chooses the method for a component.</summary>
    /// <param name="frame">The decoded frame.</param>
    /// <param name="component">One of its components.</param>
    /// <param name="scratch">At least <see cref="ScratchLength"/> bytes, used as long as the upsampler is.</param>
    public JpegUpsampler(JpegFrame frame, JpegComponent component, Span<byte> scratch)
    {
        _component = component;
        _width = frame.OutputWidth;
        // Samples of a block count, not blocks, where components are reduced by different factors.
        (_maxH, _maxV) = (frame.MaxH * frame.BlockSide, frame.MaxV * frame.BlockSide);
        (_h, _v) = (component.H * component.BlockSide, component.V * component.BlockSide);
        _row = scratch[..RowLength(frame)];
        _sums = MemoryMarshal.Cast<byte, ushort>(scratch[RowLength(frame)..]);
        // Single samples of blocks are repeated, as that library does.
        bool smooth = frame.BlockSide > 1;
        bool twiceWide = smooth && _h * 2 == _maxH;
        bool twiceHigh = smooth && _v * 2 == _maxV;
        bool sameWidth = _h == _maxH;
        bool sameHeight = _v == _maxV;
        _method = (sameWidth, sameHeight, twiceWide && component.SampleWidth > 2, twiceHigh) switch
        {
            (true, true, _, _) => Method.Copy,
            (true, _, _, true) => Method.TriangleVertical,
            (_, true, true, _) => Method.TriangleHorizontal,
            (_, _, true, true) => Method.TriangleBoth,
            _ => _maxH % _h == 0 && _maxV % _v == 0 ? Method.Repeat : Method.Linear,
        };
    }

    private enum Method
    {
        Copy,
        TriangleVertical,
        TriangleHorizontal,
        TriangleBoth,
        Repeat,
        Linear,
    }

    /// <summary>The bytes of scratch memory an upsampler needs.</summary>
    public static int ScratchLength(JpegFrame frame) => RowLength(frame) + ((frame.OutputWidth + 64) * 2);

    /// <summary>One row at full resolution; at least the frame's width, valid until the next call.</summary>
    public ReadOnlySpan<byte> Row(int y)
    {
        switch (_method)
        {
            case Method.Copy:
                return SourceRow(y);
            case Method.TriangleVertical:
                TriangleVertical(SourceRow(y >> 1), SourceRow((y & 1) == 0 ? (y >> 1) - 1 : (y >> 1) + 1), (y & 1) == 0 ? 1 : 2);
                break;
            case Method.TriangleHorizontal:
                Widen(SourceRow(y));
                TriangleHorizontal(1, 2, 2);
                break;
            case Method.TriangleBoth:
                ColumnSums(SourceRow(y >> 1), SourceRow((y & 1) == 0 ? (y >> 1) - 1 : (y >> 1) + 1));
                TriangleHorizontal(8, 7, 4);
                break;
            case Method.Repeat:
                Repeat(y / (_maxV / _v));
                break;
            default:
                Linear(y);
                break;
        }

        return _row;
    }

    private static int RowLength(JpegFrame frame) => (frame.OutputWidth + 64) & ~1;

    private readonly ReadOnlySpan<byte> SourceRow(int y)
    {
        y = Math.Clamp(y, 0, _component.SampleHeight - 1);
        return _component.Plane.AsSpan(y * _component.Stride, _component.Stride);
    }

    private readonly void TriangleVertical(ReadOnlySpan<byte> near, ReadOnlySpan<byte> far, int bias)
    {
        Span<byte> to = _row[.._component.SampleWidth];
        near = near[..to.Length];
        far = far[..to.Length];
        for (int x = 0; x < to.Length; x++) to[x] = (byte)(((near[x] * 3) + far[x] + bias) >> 2);
    }

    /// <summary>Sums for the horizontal filter; index 1 is the first sample, and both edges are repeated once.</summary>
    private readonly void Widen(ReadOnlySpan<byte> row)
    {
        int width = _component.SampleWidth;
        Span<ushort> to = _sums.Slice(1, width);
        row = row[..width];
        for (int x = 0; x < to.Length; x++) to[x] = row[x];

        RepeatEdges(width);
    }

    private readonly void ColumnSums(ReadOnlySpan<byte> near, ReadOnlySpan<byte> far)
    {
        int width = _component.SampleWidth;
        Span<ushort> to = _sums.Slice(1, width);
        near = near[..width];
        far = far[..width];
        int x = 0;
        if (Vector128.IsHardwareAccelerated)
        {
            for (; x <= width - 16; x += 16)
            {
                (Vector128<ushort> nearLow, Vector128<ushort> nearHigh) = Vector128.Widen(Vector128.Create(near[x..]));
                (Vector128<ushort> farLow, Vector128<ushort> farHigh) = Vector128.Widen(Vector128.Create(far[x..]));
                (nearLow + nearLow + nearLow + farLow).CopyTo(to[x..]);
                (nearHigh + nearHigh + nearHigh + farHigh).CopyTo(to[(x + 8)..]);
            }
        }

        for (; x < width; x++) to[x] = (ushort)((near[x] * 3) + far[x]);

        RepeatEdges(width);
    }

    private readonly void RepeatEdges(int width)
    {
        _sums[0] = _sums[1];
        _sums[width + 1] = _sums[width];
    }

    private readonly void TriangleHorizontal(int leftBias, int rightBias, int shift)
    {
        int width = _component.SampleWidth;
        ReadOnlySpan<ushort> sums = _sums[..(width + 2)];
        Span<ushort> to = MemoryMarshal.Cast<byte, ushort>(_row);
        int x = 0;
        if (Vector128.IsHardwareAccelerated && BitConverter.IsLittleEndian)
        {
            var left = Vector128.Create((ushort)leftBias);
            var right = Vector128.Create((ushort)rightBias);
            for (; x <= width - 8; x += 8)
            {
                var middle = Vector128.Create(sums[(x + 1)..]);
                Vector128<ushort> three = middle + middle + middle;
                Vector128<ushort> even = (three + Vector128.Create(sums[x..]) + left) >>> shift;
                Vector128<ushort> odd = (three + Vector128.Create(sums[(x + 2)..]) + right) >>> shift;
                (even | (odd << 8)).CopyTo(to[x..]);
            }
        }

        for (; x < width; x++)
        {
            int three = sums[x + 1] * 3;
            _row[2 * x] = (byte)((three + sums[x] + leftBias) >> shift);
            _row[(2 * x) + 1] = (byte)((three + sums[x + 2] + rightBias) >> shift);
        }
    }

    private void Repeat(int sourceY)
    {
        if (sourceY == _rowIndex) return;
        _rowIndex = sourceY;
        ReadOnlySpan<byte> from = SourceRow(sourceY);
        int factor = _maxH / _h;
        for (int x = 0, source = 0; x < _width; x += factor, source++)
            _row.Slice(x, Math.Min(factor, _width - x)).Fill(from[source]);
    }

    private readonly void Linear(int y)
    {
        float sourceY = (((y + 0.5f) * _v) / _maxV) - 0.5f;
        int top = (int)MathF.Floor(sourceY);
        float down = sourceY - top;
        ReadOnlySpan<byte> upper = SourceRow(top);
        ReadOnlySpan<byte> lower = SourceRow(top + 1);
        for (int x = 0; x < _width; x++)
        {
            float sourceX = (((x + 0.5f) * _h) / _maxH) - 0.5f;
            int left = (int)MathF.Floor(sourceX);
            float right = sourceX - left;
            int a = Math.Clamp(left, 0, _component.SampleWidth - 1);
            int b = Math.Clamp(left + 1, 0, _component.SampleWidth - 1);
            float above = upper[a] + ((upper[b] - upper[a]) * right);
            float below = lower[a] + ((lower[b] - lower[a]) * right);
            _row[x] = (byte)(above + ((below - above) * down) + 0.5f);
        }
    }
}
