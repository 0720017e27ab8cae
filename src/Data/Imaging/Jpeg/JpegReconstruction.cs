using System.Buffers;

namespace IlgpuSpp.Data.Imaging.Jpeg;

/// <summary>How the components of a frame give colours.</summary>
internal enum JpegColourSpace
{
    Grey,
    YCbCr,
    Rgb,
    Cmyk,
    Ycck,
}

/// <summary>Turns decoded components into an RGB image.</summary>
internal static class JpegReconstruction
{
    /// <summary>Transforms the coefficients of a progressive frame into samples.</summary>
    public static void Transform(JpegFrame frame)
    {
        Span<int> block = stackalloc int[64];
        foreach (JpegComponent component in frame.Components)
        {
            ReadOnlySpan<int> quant = component.Quant;
            for (int blockY = 0; blockY < component.BlocksHigh; blockY++)
            {
                for (int blockX = 0; blockX < component.BlocksWide; blockX++)
                {
                    ReadOnlySpan<short> coefficients = component.Coefficients.AsSpan(((blockY * component.PaddedBlocksWide) + blockX) * 64, 64);
                    Span<byte> plane = component.Plane.AsSpan((blockY * component.BlockSide * component.Stride) + (blockX * component.BlockSide));
                    if (!coefficients[1..].ContainsAnyExcept((short)0))
                    {
                        JpegInverseDct.TransformDc(coefficients[0] * quant[0], plane, component.Stride, component.BlockSide);
                        continue;
                    }

                    for (int i = 0; i < block.Length; i++) block[i] = coefficients[i] * quant[i];

                    JpegInverseDct.Transform(block, plane, component.Stride, component.BlockSide);
                }
            }
        }
    }

    /// <summary>Upsamples and converts the planes.</summary>
    /// <param name="frame">The frame, with all planes decoded.</param>
    /// <param name="space">What the components mean.</param>
    public static RgbImage ToRgb(JpegFrame frame, JpegColourSpace space)
    {
        var image = RgbImage.Uninitialized(frame.OutputWidth, frame.OutputHeight);
        int length = JpegUpsampler.ScratchLength(frame);
        byte[] rented = ArrayPool<byte>.Shared.Rent(length * frame.Components.Length);
        try
        {
            ReadOnlySpan<JpegComponent> all = frame.Components;
            var first = new JpegUpsampler(frame, all[0], rented.AsSpan(0, length));
            JpegUpsampler second = all.Length > 2 ? new JpegUpsampler(frame, all[1], rented.AsSpan(length, length)) : default;
            JpegUpsampler third = all.Length > 2 ? new JpegUpsampler(frame, all[2], rented.AsSpan(2 * length, length)) : default;
            JpegUpsampler fourth = all.Length > 3 ? new JpegUpsampler(frame, all[3], rented.AsSpan(3 * length, length)) : default;
            for (int y = 0; y < frame.OutputHeight; y++)
            {
                Span<byte> row = image.Row(y);
                ReadOnlySpan<byte> a = first.Row(y);
                switch (space)
                {
                    case JpegColourSpace.Grey:
                        JpegColour.Interleave(a, a, a, row);
                        break;
                    case JpegColourSpace.YCbCr:
                        JpegColour.YCbCrToRgb(a, second.Row(y), third.Row(y), row);
                        break;
                    case JpegColourSpace.Rgb:
                        JpegColour.Interleave(a, second.Row(y), third.Row(y), row);
                        break;
                    case JpegColourSpace.Cmyk:
                        JpegColour.CmykToRgb(a, second.Row(y), third.Row(y), fourth.Row(y), row);
                        break;
                    default:
                        JpegColour.YcckToRgb(a, second.Row(y), third.Row(y), fourth.Row(y), row);
                        break;
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }

        return image;
    }
}
