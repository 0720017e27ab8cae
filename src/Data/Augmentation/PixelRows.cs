using System.Numerics;

namespace IlgpuSpp.Data;

/// <summary>Copying, mirroring and subtracting rows of interleaved RGB pixels.</summary>
internal static class PixelRows
{
    /// <summary>Copies a window of whole pixels to floats.</summary>
    public static void Copy(RgbImage image, int x, int y, int width, int height, Span<float> destination)
    {
        if (x < 0 || y < 0 || x + width > image.Width || y + height > image.Height)
            throw new ArgumentException($"The window {width}x{height} at ({x}, {y}) leaves the image of {image.Width}x{image.Height}.");
        for (int row = 0; row < height; row++)
            Widen(image.Row(y + row).Slice(x * 3, width * 3), destination.Slice(row * width * 3, width * 3));
    }

    /// <summary>Mirrors left to right, in place.</summary>
    public static void Mirror(Span<float> pixels, int width, int height)
    {
        for (int row = 0; row < height; row++)
        {
            Span<float> line = pixels.Slice(row * width * 3, width * 3);
            for (int left = 0, right = line.Length - 3; left < right; left += 3, right -= 3)
            {
                (line[left], line[right]) = (line[right], line[left]);
                (line[left + 1], line[right + 1]) = (line[right + 1], line[left + 1]);
                (line[left + 2], line[right + 2]) = (line[right + 2], line[left + 2]);
            }
        }
    }

    /// <summary>values −= subtrahend.</summary>
    public static void Subtract(Span<float> values, ReadOnlySpan<float> subtrahend)
    {
        int i = 0;
        for (; i <= values.Length - Vector<float>.Count; i += Vector<float>.Count)
            (new Vector<float>(values[i..]) - new Vector<float>(subtrahend[i..])).CopyTo(values[i..]);
        for (; i < values.Length; i++) values[i] -= subtrahend[i];
    }

    // A vector of bytes becomes four vectors of floats; the tail is done one by one.
    private static void Widen(ReadOnlySpan<byte> from, Span<float> to)
    {
        int i = 0, lanes = Vector<float>.Count;
        for (; i <= from.Length - Vector<byte>.Count; i += Vector<byte>.Count)
        {
            Vector.Widen(new Vector<byte>(from[i..]), out Vector<ushort> low, out Vector<ushort> high);
            Vector.Widen(low, out Vector<uint> a, out Vector<uint> b);
            Vector.Widen(high, out Vector<uint> c, out Vector<uint> d);
            Vector.ConvertToSingle(Vector.AsVectorInt32(a)).CopyTo(to[i..]);
            Vector.ConvertToSingle(Vector.AsVectorInt32(b)).CopyTo(to[(i + lanes)..]);
            Vector.ConvertToSingle(Vector.AsVectorInt32(c)).CopyTo(to[(i + 2 * lanes)..]);
            Vector.ConvertToSingle(Vector.AsVectorInt32(d)).CopyTo(to[(i + 3 * lanes)..]);
        }
        for (; i < from.Length; i++) to[i] = from[i];
    }
}
