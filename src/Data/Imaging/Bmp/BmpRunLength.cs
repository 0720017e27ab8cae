namespace IlgpuSpp.Data.Imaging.Bmp;

/// <summary>Undoes the run-length coding of 4- and 8-bit bitmaps.</summary>
internal static class BmpRunLength
{
    /// <summary>Decodes to palette indexes.</summary>
    /// <returns><c>[height, width]</c> in stored order of rows; pixels that the stream leaves out are 0.</returns>
    public static byte[] Decode(ReadOnlySpan<byte> data, BmpHeader header, ImageErrors errors)
    {
        var four = header.Compression == BmpCompression.Rle4;
        var indexes = new byte[header.Width * header.Height];
        int x = 0, y = 0, at = 0;
        while (true)
        {
            if (at + 2 > data.Length)
            {
                throw errors.Truncated("before the end of the run-length coded pixels");
            }

            int count = data[at], value = data[at + 1];
            at += 2;
            if (count > 0)
            {
                var row = Row(indexes, header, x, y, count, errors);
                for (var i = 0; i < count; i++)
                {
                    row[i] = (byte)(!four ? value : (i & 1) == 0 ? value >> 4 : value & 15);
                }

                x += count;
            }
            else if (value == 0)
            {
                x = 0;
                y++;
            }
            else if (value == 1)
            {
                return indexes;
            }
            else if (value == 2)
            {
                if (at + 2 > data.Length)
                {
                    throw errors.Truncated("before the end of the run-length coded pixels");
                }

                x += data[at];
                y += data[at + 1];
                at += 2;
            }
            else
            {
                var bytes = four ? (value + 1) / 2 : value;
                if (at + bytes > data.Length)
                {
                    throw errors.Truncated("before the end of the run-length coded pixels");
                }

                var row = Row(indexes, header, x, y, value, errors);
                for (var i = 0; i < value; i++)
                {
                    row[i] = (byte)(!four ? data[at + i] : (i & 1) == 0 ? data[at + (i >> 1)] >> 4 : data[at + (i >> 1)] & 15);
                }

                x += value;
                at += (bytes + 1) & ~1;
            }
        }
    }

    private static Span<byte> Row(byte[] indexes, BmpHeader header, int x, int y, int count, ImageErrors errors) =>
        y < header.Height && x + count <= header.Width
            ? indexes.AsSpan((y * header.Width) + x, count)
            : throw errors.Corrupt($"a run of {count} pixels at ({x}, {y}) leaves the image");
}
