namespace IlgpuSpp.Data.Imaging.Jpeg;

/// <summary>One colour component of a JPEG frame: its sampling, its tables and its samples.</summary>
internal sealed class JpegComponent
{
    public required byte Id { get; init; }

    /// <summary>Horizontal sampling factor, 1 to 4.</summary>
    public required int H { get; init; }

    /// <summary>Vertical sampling factor, 1 to 4.</summary>
    public required int V { get; init; }

    public required int QuantTable { get; init; }

    /// <summary>Size in samples, without the padding to whole MCUs.</summary>
    public int Width { get; set; }

    /// <inheritdoc cref="Width"/>
    public int Height { get; set; }

    /// <summary>Size in blocks where the component is alone in a scan.</summary>
    public int BlocksWide => (Width + 7) / 8;

    /// <inheritdoc cref="BlocksWide"/>
    public int BlocksHigh => (Height + 7) / 8;

    /// <summary>Size in blocks, padded to whole MCUs.</summary>
    public int PaddedBlocksWide { get; set; }

    /// <inheritdoc cref="PaddedBlocksWide"/>
    public int PaddedBlocksHigh { get; set; }

    /// <summary>Samples in a row of <see cref="Plane"/>.</summary>
    public int Stride => PaddedBlocksWide * 8;

    /// <summary>The quantisation steps in natural order, as they stood when the component's first scan began.</summary>
    public int[]? Quant { get; set; }

    /// <summary>The decoded samples, <c>[PaddedBlocksHigh * 8, Stride]</c>; rented.</summary>
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
