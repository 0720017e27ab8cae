namespace IlgpuSpp.Data.Imaging.Jpeg;

/// <summary>One component of an image to be encoded: its samples, padded to whole blocks by repeating the edges, and its steps.</summary>
internal sealed class JpegEncoderPlane
{
    private readonly byte[] _samples;
    private readonly byte[] _quant;

    private JpegEncoderPlane(int width, int height, byte[] quant)
    {
        BlocksWide = (width + 7) / 8;
        BlocksHigh = (height + 7) / 8;
        _samples = new byte[BlocksWide * BlocksHigh * 64];
        _quant = quant;
    }

    public int BlocksWide { get; }

    public int BlocksHigh { get; }

    private int Stride => BlocksWide * 8;

    /// <summary>Y = 0.299 R + 0.587 G + 0.114 B.</summary>
    public static JpegEncoderPlane Luminance(RgbImage image, byte[] quant)
    {
        var plane = new JpegEncoderPlane(image.Width, image.Height, quant);
        for (var y = 0; y < plane.BlocksHigh * 8; y++)
        {
            var row = image.Row(Math.Min(y, image.Height - 1));
            for (var x = 0; x < plane.Stride; x++)
            {
                var at = Math.Min(x, image.Width - 1) * 3;
                plane._samples[(y * plane.Stride) + x] = (byte)(((19595 * row[at]) + (38470 * row[at + 1]) + (7471 * row[at + 2]) + 32768) >> 16);
            }
        }

        return plane;
    }

    /// <summary>Cb or Cr, averaged over <paramref name="factor"/> x <paramref name="factor"/> pixels.</summary>
    public static JpegEncoderPlane Chrominance(RgbImage image, int factor, byte[] quant, bool blue)
    {
        int width = (image.Width + factor - 1) / factor, height = (image.Height + factor - 1) / factor;
        var plane = new JpegEncoderPlane(width, height, quant);
        for (var y = 0; y < plane.BlocksHigh * 8; y++)
        {
            var inside = Math.Min(y, height - 1) * factor;
            var upper = image.Row(inside);
            var lower = image.Row(Math.Min(inside + factor - 1, image.Height - 1));
            for (var x = 0; x < plane.Stride; x++)
            {
                int left = Math.Min(x * factor, image.Width - 1) * 3, right = Math.Min((x * factor) + factor - 1, image.Width - 1) * 3;

                // The rounding of sums alternates from column to column, so that it has no bias.
                plane._samples[(y * plane.Stride) + x] = (byte)(factor == 1
                    ? Chroma(upper[left..], blue)
                    : (Chroma(upper[left..], blue) + Chroma(upper[right..], blue) + Chroma(lower[left..], blue) + Chroma(lower[right..], blue) + 1 + (x & 1)) >> 2);
            }
        }

        return plane;
    }

    /// <summary>Transforms and quantises one block.</summary>
    /// <param name="blockX">The block's column.</param>
    /// <param name="blockY">The block's row.</param>
    /// <param name="zigzag">64 quantised coefficients in zigzag order.</param>
    public void Quantise(int blockX, int blockY, Span<int> zigzag)
    {
        Span<int> block = stackalloc int[64];
        for (var y = 0; y < 8; y++)
        {
            var row = _samples.AsSpan((((blockY * 8) + y) * Stride) + (blockX * 8), 8);
            for (var x = 0; x < 8; x++)
            {
                block[(y * 8) + x] = row[x] - 128;
            }
        }

        JpegForwardDct.Transform(block);
        for (var k = 0; k < 64; k++)
        {
            int natural = JpegZigzag.ToNatural[k], step = _quant[natural] * 8;
            var magnitude = (Math.Abs(block[natural]) + (step / 2)) / step;
            zigzag[k] = block[natural] < 0 ? -magnitude : magnitude;
        }
    }

    private static int Chroma(ReadOnlySpan<byte> pixel, bool blue) => blue
        ? ((-11059 * pixel[0]) - (21709 * pixel[1]) + (32768 * pixel[2]) + (128 << 16) + 32767) >> 16
        : ((32768 * pixel[0]) - (27439 * pixel[1]) - (5329 * pixel[2]) + (128 << 16) + 32767) >> 16;
}
