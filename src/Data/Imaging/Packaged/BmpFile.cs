using System.Buffers.Binary;
using System.Numerics;

namespace IlgpuSpp.Data.Imaging.Packaged;

/// <summary>
/// The headers of Windows and OS/2 bitmaps, with the checks that the package does not make: that the pixels are all there, run by run
/// where they are run-length coded, and that it reads the variant right.
/// </summary>
internal static class BmpFile
{
    private const int FileHeaderSize = 14;

    public static ImageHeader Read(ReadOnlySpan<byte> data, ImageErrors errors)
    {
        if (data.Length < FileHeaderSize + 16) throw errors.Truncated("inside the header");
        uint offset = BinaryPrimitives.ReadUInt32LittleEndian(data[10..]);
        ReadOnlySpan<byte> info = data[FileHeaderSize..];
        uint size = BinaryPrimitives.ReadUInt32LittleEndian(info);
        if (size is not (12 or 16 or 40 or 52 or 56 or 64 or >= 108 and <= 124)) throw errors.Unsupported($"an information header of {size} bytes");
        if (size > info.Length) throw errors.Truncated("inside the header");
        bool core = size == 12;
        long width = core ? BinaryPrimitives.ReadUInt16LittleEndian(info[4..]) : BinaryPrimitives.ReadInt32LittleEndian(info[4..]);
        long height = core ? BinaryPrimitives.ReadUInt16LittleEndian(info[6..]) : BinaryPrimitives.ReadInt32LittleEndian(info[8..]);
        int bits = BinaryPrimitives.ReadUInt16LittleEndian(info[(core ? 10 : 14)..]);
        uint compression = size >= 20 ? BinaryPrimitives.ReadUInt32LittleEndian(info[16..]) : 0;
        long colours = size >= 36 ? BinaryPrimitives.ReadUInt32LittleEndian(info[32..]) : 0;
        if (width is < 1 or > int.MaxValue || height is 0 or int.MinValue) throw errors.Corrupt($"the header gives a size of {width} x {Math.Abs(height)}");
        if (offset > data.Length) throw errors.Truncated("before the pixels");
        if (offset < FileHeaderSize + size) throw errors.Corrupt($"the pixels begin at byte {offset}, inside the header");

        long inHeader = FileHeaderSize + size, masks = size == 40 ? compression switch { 3 => 12, 6 => 16, _ => 0 } : 0;
        if (colours * 4 + inHeader + masks > offset) throw errors.Unsupported($"{colours} colours before the pixels at byte {offset}");
        if (bits <= 8 && offset - inHeader < (core ? 3 : 4)) throw errors.Corrupt("the palette is missing");
        switch (compression)
        {
            case 0 when bits is 1 or 4 or 8 or 16 or 24 or 32:
                break;
            case 1 when bits == 8:
            case 2 when bits == 4:
                CheckRuns(data[(int)offset..], width, Math.Abs(height), halfBytes: bits == 4, errors);
                return new ImageHeader((int)width, (int)Math.Abs(height));
            case 3 or 6 when bits is 16 or 32 && size >= 40 && (size > 40 || info.Length >= 40 + 12):
                CheckMasks(info.Slice(40, 12), bits, errors);
                break;
            default:
                throw errors.Unsupported($"compression {compression} with {bits} bits a pixel");
        }
        // The padding of the last row may be missing.
        long stride = (width * bits + 31) / 32 * 4, needed = stride * (Math.Abs(height) - 1) + (width * bits + 7) / 8;
        if (needed > data.Length - offset) throw errors.Truncated($"before {needed} bytes of pixels");
        return new ImageHeader((int)width, (int)Math.Abs(height));
    }

    private static void CheckMasks(ReadOnlySpan<byte> masks, int bits, ImageErrors errors)
    {
        for (int at = 0; at < 12; at += 4)
        {
            uint mask = BinaryPrimitives.ReadUInt32LittleEndian(masks[at..]);
            uint run = mask >> BitOperations.TrailingZeroCount(mask);
            int count = BitOperations.PopCount(mask);
            if (mask == 0 || (run & (run + 1)) != 0 || (bits == 16 ? count is not (5 or 6) || mask > ushort.MaxValue : count < 8)) throw errors.Unsupported($"a colour mask of {mask:X8}");
        }
    }

    // The package takes the end of an empty row for that of the row before it, and lets runs go on from row to row.
    private static void CheckRuns(ReadOnlySpan<byte> data, long width, long height, bool halfBytes, ImageErrors errors)
    {
        long x = 0, y = 0;
        for (int at = 0; ;)
        {
            if (at + 2 > data.Length && y * width + x >= width * height) return;
            if (at + 2 > data.Length) throw errors.Truncated("before the end of the run-length coded pixels");
            int count = data[at], value = data[at + 1];
            at += 2;
            switch (count, value)
            {
                case (0, 0):
                    if (x == 0) throw errors.Unsupported("an empty row in run-length coding");
                    (x, y) = (0, y + 1);
                    break;
                case (0, 1):
                    return;
                case (0, 2):
                    if (at + 2 > data.Length) throw errors.Truncated("before the end of the run-length coded pixels");
                    (x, y) = (x + data[at], y + data[at + 1]);
                    if (x > width || y >= height) throw errors.Corrupt($"a jump to ({x}, {y}) leaves the image");
                    at += 2;
                    break;
                default:
                    int pixels = count > 0 ? count : value;
                    if (y >= height || x + pixels > width) throw errors.Corrupt($"a run of {pixels} pixels at ({x}, {y}) leaves the image");
                    x += pixels;
                    if (count == 0) at += ((halfBytes ? (value + 1) / 2 : value) + 1) & ~1;
                    break;
            }
        }
    }
}
