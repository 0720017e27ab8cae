using System.Buffers.Binary;
using System.IO.Compression;

namespace IlgpuSpp.Data.Imaging;

/// <summary>Writes 8-bit RGB PNG files: each row with the filter whose result is smallest in magnitude, compressed with zlib.</summary>
public static class PngEncoder
{
    /// <summary>Encodes an image.</summary>
    /// <param name="image">The image.</param>
    /// <returns>A PNG file's bytes; the same for the same image.</returns>
    public static byte[] Encode(RgbImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        using var file = new MemoryStream();
        file.Write(Png.PngDecoder.Signature);
        Span<byte> header = stackalloc byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, image.Width);
        BinaryPrimitives.WriteInt32BigEndian(header[4..], image.Height);
        header[8] = 8;
        header[9] = (byte)Png.PngColourType.Rgb;
        header[10] = header[11] = header[12] = 0;
        WriteChunk(file, "IHDR"u8, header);
        WriteChunk(file, "IDAT"u8, Compress(image));
        WriteChunk(file, "IEND"u8, []);
        return file.ToArray();
    }

    /// <summary>Encodes an image to a file, replacing it where it exists.</summary>
    /// <param name="path">The file.</param>
    /// <param name="image">The image.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Write(string path, RgbImage image)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        File.WriteAllBytes(path, Encode(image));
    }

    private static ReadOnlySpan<byte> Compress(RgbImage image)
    {
        using var target = new MemoryStream();
        using (var zlib = new ZLibStream(target, CompressionLevel.Optimal, leaveOpen: true))
        {
            ReadOnlySpan<byte> above = new byte[image.Width * 3];
            var best = new byte[1 + above.Length];
            var trial = new byte[1 + above.Length];
            for (var y = 0; y < image.Height; y++)
            {
                ReadOnlySpan<byte> row = image.Row(y);
                var smallest = long.MaxValue;
                for (byte type = 0; type < 5; type++)
                {
                    trial[0] = type;
                    var sum = Png.PngFilter.Apply(type, row, above, 3, trial.AsSpan(1));
                    if (sum < smallest)
                    {
                        smallest = sum;
                        (best, trial) = (trial, best);
                    }
                }

                zlib.Write(best);
                above = row;
            }
        }

        return target.GetBuffer().AsSpan(0, (int)target.Length);
    }

    private static void WriteChunk(MemoryStream file, ReadOnlySpan<byte> type, ReadOnlySpan<byte> data)
    {
        var chunk = new byte[data.Length + 12];
        BinaryPrimitives.WriteInt32BigEndian(chunk, data.Length);
        type.CopyTo(chunk.AsSpan(4));
        data.CopyTo(chunk.AsSpan(8));
        BinaryPrimitives.WriteUInt32BigEndian(chunk.AsSpan(8 + data.Length), Png.Crc32.Compute(chunk.AsSpan(4, 4 + data.Length)));
        file.Write(chunk);
    }
}
