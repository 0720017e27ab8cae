namespace IlgpuSpp.Data.Imaging;

/// <summary>An 8-bit colour image held in memory: red, green, blue interleaved, rows from top to bottom without padding.</summary>
public sealed class RgbImage
{
    /// <summary>Creates a black image.</summary>
    /// <param name="width">Width in pixels, at least 1.</param>
    /// <param name="height">Height in pixels, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">A side is below 1, or the image would not fit into one array.</exception>
    public RgbImage(int width, int height)
    {
        int length = CheckedLength(width, height);
        Width = width;
        Height = height;
        Pixels = new byte[length];
    }

    /// <summary>Wraps pixels that exist already; the array is used, not copied.</summary>
    /// <param name="width">Width in pixels, at least 1.</param>
    /// <param name="height">Height in pixels, at least 1.</param>
    /// <param name="pixels">Exactly <c>width * height * 3</c> bytes, interleaved RGB.</param>
    /// <exception cref="ArgumentOutOfRangeException">A side is below 1, or the image would not fit into one array.</exception>
    /// <exception cref="ArgumentException">The array has another length.</exception>
    public RgbImage(int width, int height, byte[] pixels)
    {
        ArgumentNullException.ThrowIfNull(pixels);
        int length = CheckedLength(width, height);
        if (pixels.Length != length)
            throw new ArgumentException($"A {width} x {height} RGB image needs {length} bytes, but the array has {pixels.Length}.", nameof(pixels));

        Width = width;
        Height = height;
        Pixels = pixels;
    }

    /// <summary>Copies pixels that a camera, a window or another library holds.</summary>
    /// <param name="pixels">Rows from top to bottom, <paramref name="stride"/> bytes from one to the next.</param>
    /// <param name="width">Width in pixels, at least 1.</param>
    /// <param name="height">Height in pixels, at least 1.</param>
    /// <param name="layout">What the bytes of a pixel mean.</param>
    /// <param name="stride">Bytes from the beginning of a row to that of the next, at least those of its pixels; 0 for rows without padding.</param>
    /// <exception cref="ArgumentOutOfRangeException">A side is below 1, the stride is too short, or the image would not fit into one array.</exception>
    /// <exception cref="ArgumentException">There are fewer bytes than the rows take.</exception>
    public static RgbImage FromPixels(ReadOnlySpan<byte> pixels, int width, int height, PixelLayout layout = PixelLayout.Rgb, int stride = 0)
    {
        int bytes = layout switch
        {
            PixelLayout.Rgb or PixelLayout.Bgr => 3,
            PixelLayout.Grey => 1,
            PixelLayout.Bgra => 4,
            _ => throw new ArgumentOutOfRangeException(nameof(layout), layout, "There is no such layout of pixels."),
        };
        RgbImage image = Uninitialized(width, height);
        long row = (long)width * bytes, step = stride == 0 ? row : stride;
        if (step < row) throw new ArgumentOutOfRangeException(nameof(stride), stride, $"A row of {width} pixels takes {row} bytes, so that the stride cannot be less.");
        // The last row may end with its pixels.
        long needed = step * (height - 1) + row;
        if (pixels.Length < needed) throw new ArgumentException($"{height} rows of {width} pixels, {step} bytes from one to the next, take {needed} bytes, but there are {pixels.Length}.", nameof(pixels));
        for (int y = 0; y < height; y++)
        {
            ReadOnlySpan<byte> from = pixels.Slice((int)(y * step), (int)row);
            Span<byte> to = image.Row(y);
            if (layout == PixelLayout.Rgb)
            {
                from.CopyTo(to);
                continue;
            }
            for (int x = 0; x < width; x++)
            {
                ReadOnlySpan<byte> pixel = from.Slice(x * bytes, bytes);
                (to[3 * x], to[3 * x + 1], to[3 * x + 2]) = layout switch
                {
                    PixelLayout.Grey => (pixel[0], pixel[0], pixel[0]),
                    PixelLayout.Bgr => (pixel[2], pixel[1], pixel[0]),
                    _ => (OverWhite(pixel[2], pixel[3]), OverWhite(pixel[1], pixel[3]), OverWhite(pixel[0], pixel[3])),
                };
            }
        }
        return image;
    }

    /// <summary>Width in pixels.</summary>
    public int Width { get; }

    /// <summary>Height in pixels.</summary>
    public int Height { get; }

    /// <summary>The pixels: <c>[height, width, 3]</c>, row-major, values 0 to 255.</summary>
    public byte[] Pixels { get; }

    /// <summary>What was amiss in the file that the image was decoded from, in one line; null where nothing was.</summary>
    public string? Warning { get; internal init; }

    /// <summary>One row of pixels, <c>[width, 3]</c>.</summary>
    /// <param name="y">The row, 0 at the top.</param>
    /// <returns>The bytes of that row.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such row.</exception>
    public Span<byte> Row(int y)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(y);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(y, Height);
        return Pixels.AsSpan(y * Width * 3, Width * 3);
    }

    /// <summary>An image whose pixels are not cleared first; for decoders that write every pixel.</summary>
    internal static RgbImage Uninitialized(int width, int height) =>
        new(width, height, GC.AllocateUninitializedArray<byte>(CheckedLength(width, height)));

    /// <summary>A sample composited over white.</summary>
    internal static byte OverWhite(int value, int alpha) => (byte)((value * alpha + 255 * (255 - alpha) + 127) / 255);

    /// <summary>The same for 16 bits, rounded once to 8: 65535 * 257 is the product's unit.</summary>
    internal static byte OverWhite16(uint value, uint alpha) => (byte)(((ulong)value * alpha + 65535UL * (65535 - alpha) + 65535UL * 257 / 2) / (65535UL * 257));

    private static int CheckedLength(int width, int height)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        long length = (long)width * height * 3;
        if (length > Array.MaxLength)
            throw new ArgumentOutOfRangeException(nameof(height), $"A {width} x {height} RGB image needs {length} bytes, more than one array holds.");

        return (int)length;
    }
}

/// <summary>What the bytes of a pixel mean, in the order of memory.</summary>
public enum PixelLayout
{
    /// <summary>Red, green, blue.</summary>
    Rgb,

    /// <summary>Blue, green, red.</summary>
    Bgr,

    /// <summary>One byte from black to white.</summary>
    Grey,

    /// <summary>Blue, green, red, and how opaque they are (not multiplied in): composited over white, as in files.</summary>
    Bgra,
}
