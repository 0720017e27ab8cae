using System.Buffers.Binary;

namespace IlgpuSpp.Data.Imaging.Packaged;

/// <summary>The header of Truevision's TGA, and the check that its pixels are all there, packet by packet where they are run-length coded.</summary>
internal static class TgaFile
{
    private const int HeaderSize = 18;

    /// <summary>Whether the first bytes can be those of a TGA image, which has no signature.</summary>
    public static bool IsPlausible(ReadOnlySpan<byte> data)
    {
        if (data.Length < HeaderSize) return false;
        int depth = data[16], width = BinaryPrimitives.ReadUInt16LittleEndian(data[12..]), height = BinaryPrimitives.ReadUInt16LittleEndian(data[14..]);
        bool fits = (data[1], data[2]) switch
        {
            (1, 1 or 9) => depth == 8 && data[7] is 15 or 16 or 24 or 32,
            (0, 2 or 10) => depth is 15 or 16 or 24 or 32,
            (0, 3 or 11) => depth is 8 or 16,
            _ => false,
        };
        return fits && width > 0 && height > 0 && (data[17] & 0xC0) == 0;
    }

    public static ImageHeader Read(ReadOnlySpan<byte> data, ImageErrors errors)
    {
        int type = data[2], depth = data[16], mapFirst = BinaryPrimitives.ReadUInt16LittleEndian(data[3..]), mapCount = BinaryPrimitives.ReadUInt16LittleEndian(data[5..]), mapDepth = data[7];
        var header = new ImageHeader(BinaryPrimitives.ReadUInt16LittleEndian(data[12..]), BinaryPrimitives.ReadUInt16LittleEndian(data[14..]));
        if (type is 3 or 11 && depth != 8) throw errors.Unsupported($"{depth} bits of grey");
        if ((data[17] & 15) is not (0 or 1 or 8)) throw errors.Unsupported($"{data[17] & 15} bits of transparency");
        bool mapped = type is 1 or 9;
        if (mapped && (mapFirst != 0 || mapCount == 0 || mapDepth == 15)) throw errors.Unsupported($"a palette of {mapCount} colours of {mapDepth} bits from number {mapFirst} on");

        int pixelBytes = (depth + 7) / 8;
        long pixels = (long)header.Width * header.Height, start = HeaderSize + data[0] + (long)mapCount * (mapDepth / 8);
        if (start > data.Length) throw errors.Truncated("before the pixels");
        ReadOnlySpan<byte> stored = data[(int)start..];
        int colours = mapped ? mapCount : 256;
        if (type < 9)
        {
            if (pixels * pixelBytes > stored.Length) throw errors.Truncated($"before {pixels * pixelBytes} bytes of pixels");
            if (colours < 256 && stored[..(int)pixels].ContainsAnyInRange((byte)colours, (byte)255)) throw errors.Corrupt($"a pixel uses a colour outside the palette of {colours}");
            return header;
        }
        for (long at = 0, done = 0; done < pixels;)
        {
            if (at >= stored.Length) throw errors.Truncated("before all pixels are there");
            int packet = stored[(int)at], count = (packet & 127) + 1;
            int length = packet > 127 ? pixelBytes : count * pixelBytes;
            if (at + 1 + length > stored.Length) throw errors.Truncated("before all pixels are there");
            if (done + count > pixels) throw errors.Corrupt($"a run of {count} pixels leaves the image");
            if (colours < 256 && stored.Slice((int)at + 1, length).ContainsAnyInRange((byte)colours, (byte)255)) throw errors.Corrupt($"a pixel uses a colour outside the palette of {colours}");
            at += 1 + length;
            done += count;
        }
        return header;
    }
}
