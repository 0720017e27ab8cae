using System.Buffers;

namespace IlgpuSpp.Data.Imaging.Jpeg;

/// <summary>What a start-of-frame segment declares (T.81, B.2.2), and the memory its samples take.</summary>
internal sealed class JpegFrame : IDisposable
{
    public required bool Progressive { get; init; }

    public required int Width { get; init; }

    public int Height { get; set; }

    public required JpegComponent[] Components { get; init; }

    /// <summary>What the sides are divided by as the image is decoded: 1, 2, 4 or 8.</summary>
    public int Reduction { get; init; } = 1;

    /// <summary>Side of a block's samples in the components that are coded at full resolution.</summary>
    public int BlockSide => 8 / Reduction;

    /// <summary>Size of the decoded image.</summary>
    public int OutputWidth => Ceiling(Width, Reduction);

    /// <inheritdoc cref="OutputWidth"/>
    public int OutputHeight => Ceiling(Height, Reduction);

    public int MaxH { get; private set; }

    public int MaxV { get; private set; }

    /// <summary>MCUs in a row of an interleaved scan.</summary>
    public int McusWide { get; private set; }

    public int McusHigh { get; private set; }

    /// <summary>Derives the components' sizes from the frame's (T.81, A.1.1).</summary>
    public void Layout()
    {
        MaxH = Components.Max(c => c.H);
        MaxV = Components.Max(c => c.V);
        McusWide = Ceiling(Width, 8 * MaxH);
        McusHigh = Ceiling(Height, 8 * MaxV);
        foreach (JpegComponent component in Components)
        {
            component.Width = Ceiling(Width * component.H, MaxH);
            component.Height = Ceiling(Height * component.V, MaxV);
            // A component with fewer samples is reduced less, where it comes out even (the rule of the IJG library).
            component.BlockSide = BlockSide;
            while (component.BlockSide < 8 && (MaxH * BlockSide) % (component.H * component.BlockSide * 2) == 0 && (MaxV * BlockSide) % (component.V * component.BlockSide * 2) == 0)
                component.BlockSide *= 2;
            component.SampleWidth = Ceiling(Width * component.H * component.BlockSide, MaxH * 8);
            component.SampleHeight = Ceiling(Height * component.V * component.BlockSide, MaxV * 8);
            component.PaddedBlocksWide = McusWide * component.H;
            component.PaddedBlocksHigh = McusHigh * component.V;
        }
    }

    /// <summary>The number of blocks that any complete file codes at least.</summary>
    public long Blocks => Components.Sum(c => (long)c.BlocksWide * c.BlocksHigh);

    /// <summary>Rents the planes and, for a progressive frame, the coefficients (cleared).</summary>
    public void Allocate()
    {
        foreach (JpegComponent component in Components)
        {
            int blocks = component.PaddedBlocksWide * component.PaddedBlocksHigh, samples = blocks * 64;
            component.Plane = ArrayPool<byte>.Shared.Rent(blocks * component.BlockSide * component.BlockSide);
            if (Progressive)
            {
                component.Coefficients = ArrayPool<short>.Shared.Rent(samples);
                component.Coefficients.AsSpan(0, samples).Clear();
            }
        }
    }

    /// <summary>Gives the rented memory back.</summary>
    public void Dispose()
    {
        foreach (JpegComponent component in Components)
        {
            if (component.Plane is { } plane)
            {
                ArrayPool<byte>.Shared.Return(plane);
                component.Plane = null;
            }

            if (component.Coefficients is { } coefficients)
            {
                ArrayPool<short>.Shared.Return(coefficients);
                component.Coefficients = null;
            }
        }
    }

    private static int Ceiling(int value, int divisor) => (value + divisor - 1) / divisor;
}

/// <summary>One colour component of a JPEG frame: its sampling, its tables and its samples.</summary>
internal sealed class JpegComponent
{
    public required byte Id { get; init; }

    /// <summary>Horizontal sampling factor, 1 to 4.</summary>
    public required int H { get; init; }

    /// <summary>Vertical sampling factor, 1 to 4.</summary>
    public required int V { get; init; }

    public required int QuantTable { get; init; }

    /// <summary>Size in samples as they are coded, without the padding to whole MCUs.</summary>
    public int Width { get; set; }

    /// <inheritdoc cref="Width"/>
    public int Height { get; set; }

    /// <summary>Side of a block's samples as they are decoded: 8, or less in an image that is decoded smaller.</summary>
    public int BlockSide { get; set; } = 8;

    /// <summary>Size in samples as they are decoded.</summary>
    public int SampleWidth { get; set; }

    /// <inheritdoc cref="SampleWidth"/>
    public int SampleHeight { get; set; }

    /// <summary>Size in blocks where the component is alone in a scan.</summary>
    public int BlocksWide => (Width + 7) / 8;

    /// <inheritdoc cref="BlocksWide"/>
    public int BlocksHigh => (Height + 7) / 8;

    /// <summary>Size in blocks, padded to whole MCUs.</summary>
    public int PaddedBlocksWide { get; set; }

    /// <inheritdoc cref="PaddedBlocksWide"/>
    public int PaddedBlocksHigh { get; set; }

    /// <summary>Samples in a row of <see cref="Plane"/>.</summary>
    public int Stride => PaddedBlocksWide * BlockSide;

    /// <summary>The quantisation steps in natural order, as they stood when the component's first scan began.</summary>
    public int[]? Quant { get; set; }

    /// <summary>The decoded samples, <c>[PaddedBlocksHigh * BlockSide, Stride]</c>; rented.</summary>
    public byte[]? Plane { get; set; }

    /// <summary>Progressive frames: the coefficients, <c>[PaddedBlocksHigh, PaddedBlocksWide, 64]</c> in natural order; rented.</summary>
    public short[]? Coefficients { get; set; }

    /// <summary>Progressive frames: by zigzag index, the lowest bit known so far; -1 for none.</summary>
    public int[] KnownBits { get; } = Enumerable.Repeat(-1, 64).ToArray();

    /// <summary>Sequential frames: whether the component's scan was decoded.</summary>
    public bool Decoded { get; set; }

    public int DcPredictor { get; set; }

    public JpegHuffmanTable? DcTable { get; set; }

    public JpegHuffmanTable? AcTable { get; set; }
}

/// <summary>The order in which a block's coefficients are coded (T.81, figure 5).</summary>
internal static class JpegZigzag
{
    /// <summary>Natural (row-major) index by zigzag index.</summary>
    public static ReadOnlySpan<byte> ToNatural =>
    [
        0, 1, 8, 16, 9, 2, 3, 10,
        17, 24, 32, 25, 18, 11, 4, 5,
        12, 19, 26, 33, 40, 48, 41, 34,
        27, 20, 13, 6, 7, 14, 21, 28,
        35, 42, 49, 56, 57, 50, 43, 36,
        29, 22, 15, 23, 30, 37, 44, 51,
        58, 59, 52, 45, 38, 31, 39, 46,
        53, 60, 61, 54, 47, 55, 62, 63,
    ];
}
