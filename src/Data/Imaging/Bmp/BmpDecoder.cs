using System.Buffers.Binary;
using System.Numerics;

namespace IlgpuSpp.Data.Imaging.Bmp;

/// <summary>
/// A decoder for Windows and OS/2 bitmaps: 1, 4 and 8 bits with a palette (plain, RLE4, RLE8), 16, 24 and 32 bits, bit fields,
/// bottom-up and top-down. An alpha channel is ignored, as most writers leave it undefined.
/// </summary>
internal ref struct BmpDecoder
{
    private readonly ReadOnlySpan<byte> _data;
    private readonly ImageLimits _limits;
    private readonly ImageErrors _errors;

    public BmpDecoder(ReadOnlySpan<byte> data, ImageLimits limits, string? name)
    {
        _data = data;
        _limits = limits;
        _errors = new ImageErrors(name, "BMP");
    }

    /// <summary>Reads the header.</summary>
    public readonly (int Width, int Height) ReadSize()
    {
        var header = BmpHeader.Read(_data, _limits, _errors);
        return (header.Width, header.Height);
    }

    /// <summary>Decodes the image.</summary>
    public readonly RgbImage Decode()
    {
        var header = BmpHeader.Read(_data, _limits, _errors);
        var pixels = _data[header.PixelOffset..];
        if (header.Compression is BmpCompression.Rle8 or BmpCompression.Rle4)
        {
            // A run codes at most 255 pixels in two bytes, but rows may be skipped; only a stream without an end is refused here.
            var indexes = BmpRunLength.Decode(pixels, header, _errors);
            var coloured = RgbImage.Uninitialized(header.Width, header.Height);
            for (var y = 0; y < header.Height; y++)
            {
                Indexed(indexes.AsSpan(y * header.Width, header.Width), 8, header, coloured.Row(header.TopDown ? y : header.Height - 1 - y));
            }

            return coloured;
        }

        var stride = (((long)header.Width * header.BitCount) + 31) / 32 * 4;
        var lastRow = (((long)header.Width * header.BitCount) + 7) / 8;
        if ((stride * (header.Height - 1)) + lastRow > pixels.Length)
        {
            throw _errors.Truncated($"before {stride * header.Height} bytes of pixels");
        }

        var image = RgbImage.Uninitialized(header.Width, header.Height);
        for (var y = 0; y < header.Height; y++)
        {
            var from = pixels.Slice((int)(y * stride), (int)lastRow);
            var to = image.Row(header.TopDown ? y : header.Height - 1 - y);
            switch (header.BitCount)
            {
                case <= 8:
                    Indexed(from, header.BitCount, header, to);
                    break;
                case 24:
                    for (var i = 0; i < to.Length; i += 3)
                    {
                        to[i] = from[i + 2];
                        to[i + 1] = from[i + 1];
                        to[i + 2] = from[i];
                    }

                    break;
                default:
                    Masked(from, header, to);
                    break;
            }
        }

        return image;
    }

    private readonly void Indexed(ReadOnlySpan<byte> from, int bits, BmpHeader header, Span<byte> to)
    {
        var palette = _data[header.PaletteOffset..];
        for (var x = 0; x < header.Width; x++)
        {
            var bit = x * bits;
            var index = (from[bit >> 3] >> (8 - bits - (bit & 7))) & ((1 << bits) - 1);
            if (index >= header.PaletteCount)
            {
                throw _errors.Corrupt($"a pixel uses colour {index} of a palette of {header.PaletteCount}");
            }

            var entry = palette.Slice(index * header.PaletteEntrySize, 3);
            to[3 * x] = entry[2];
            to[(3 * x) + 1] = entry[1];
            to[(3 * x) + 2] = entry[0];
        }
    }

    private static void Masked(ReadOnlySpan<byte> from, BmpHeader header, Span<byte> to)
    {
        for (var c = 0; c < 3; c++)
        {
            var mask = header.Masks[c];
            var shift = BitOperations.TrailingZeroCount(mask);
            ulong largest = mask >> shift;
            for (var x = 0; x < header.Width; x++)
            {
                var pixel = header.BitCount == 16
                    ? BinaryPrimitives.ReadUInt16LittleEndian(from[(2 * x)..])
                    : BinaryPrimitives.ReadUInt32LittleEndian(from[(4 * x)..]);
                ulong value = (pixel & mask) >> shift;
                to[(3 * x) + c] = (byte)(((value * 255) + (largest / 2)) / largest);
            }
        }
    }
}
