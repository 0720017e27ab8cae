using System.Buffers.Binary;

namespace IlgpuSpp.Data.Imaging.Png;

/// <summary>The colour types of PNG.</summary>
internal enum PngColourType
{
    Grey = 0,
    Rgb = 2,
    Palette = 3,
    GreyAlpha = 4,
    Rgba = 6,
}

/// <summary>The IHDR chunk (W3C PNG specification, section 11.2.1).</summary>
/// <param name="Width">Width in pixels.</param>
/// <param name="Height">Height in pixels.</param>
/// <param name="BitDepth">Bits a sample: 1, 2, 4, 8 or 16.</param>
/// <param name="ColourType">What the samples mean.</param>
/// <param name="Interlaced">Whether the rows come in the seven passes of Adam7.</param>
internal readonly record struct PngHeader(int Width, int Height, int BitDepth, PngColourType ColourType, bool Interlaced)
{
    public int Channels => ColourType switch
    {
        PngColourType.Rgb => 3,
        PngColourType.GreyAlpha => 2,
        PngColourType.Rgba => 4,
        _ => 1,
    };

    /// <summary>Bytes of a row of <paramref name="width"/> pixels, without the filter byte.</summary>
    public int RowBytes(int width) => (int)((((long)width * Channels * BitDepth) + 7) / 8);

    /// <summary>The passes with at least one pixel: one where not interlaced.</summary>
    public IEnumerable<PngPass> Passes()
    {
        if (!Interlaced)
        {
            yield return new PngPass(0, 0, 1, 1, Width, Height);
            yield break;
        }

        (int X, int Y, int StepX, int StepY)[] adam7 =
            [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)];
        foreach ((int x, int y, int stepX, int stepY) in adam7)
        {
            int width = (Width - x + stepX - 1) / stepX, height = (Height - y + stepY - 1) / stepY;
            if (width > 0 && height > 0) yield return new PngPass(x, y, stepX, stepY, width, height);
        }
    }

    /// <summary>Reads the chunk's 13 bytes.</summary>
    public static PngHeader Read(ReadOnlySpan<byte> chunk, ImageLimits limits, ImageErrors errors)
    {
        if (chunk.Length != 13) throw errors.Corrupt($"the header has {chunk.Length} bytes in place of 13");
        uint width = BinaryPrimitives.ReadUInt32BigEndian(chunk), height = BinaryPrimitives.ReadUInt32BigEndian(chunk[4..]);
        if (width > int.MaxValue || height > int.MaxValue) throw errors.Corrupt($"the header gives a size of {width} x {height}");
        limits.Check(width, height, "PNG", errors.Name);
        int depth = chunk[8], type = chunk[9];
        bool allowed = type switch
        {
            0 => depth is 1 or 2 or 4 or 8 or 16,
            3 => depth is 1 or 2 or 4 or 8,
            2 or 4 or 6 => depth is 8 or 16,
            _ => false,
        };
        if (!allowed || chunk[10] != 0 || chunk[11] != 0 || chunk[12] > 1)
            throw errors.Corrupt($"the header gives colour type {type}, bit depth {depth}, compression {chunk[10]}, filter {chunk[11]}, interlace {chunk[12]}");

        return new PngHeader((int)width, (int)height, depth, (PngColourType)type, chunk[12] == 1);
    }
}

/// <summary>A grid of pixels sent together: one of the passes of Adam7, or the whole image.</summary>
internal readonly record struct PngPass(int X, int Y, int StepX, int StepY, int Width, int Height);
