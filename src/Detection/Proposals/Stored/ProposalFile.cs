using System.Buffers.Binary;
using System.Security.Cryptography;

namespace IlgpuSpp.Detection;

/// <summary>
/// The cache's file format, little-endian: "SPPW", version, bytes a coordinate (2: unsigned integers, 8: doubles), number of windows, the
/// windows as left, top, right, bottom, and the SHA-256 of all before it.
/// </summary>
internal static class ProposalFile
{
    private const uint Magic = 0x57505053;
    private const int Version = 1, HeaderBytes = 16, ChecksumBytes = 32;

    public static byte[] Write(IReadOnlyList<PixelBox> boxes)
    {
        int width = boxes.All(b => IsShort(b.Left) && IsShort(b.Top) && IsShort(b.Right) && IsShort(b.Bottom)) ? 2 : 8;
        var bytes = new byte[HeaderBytes + boxes.Count * 4 * width + ChecksumBytes];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, Magic);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(4), Version);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(8), width);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(12), boxes.Count);
        Span<byte> at = bytes.AsSpan(HeaderBytes);
        foreach (PixelBox box in boxes)
        {
            foreach (double value in (ReadOnlySpan<double>)[box.Left, box.Top, box.Right, box.Bottom])
            {
                if (width == 2) BinaryPrimitives.WriteUInt16LittleEndian(at, (ushort)value);
                else BinaryPrimitives.WriteDoubleLittleEndian(at, value);
                at = at[width..];
            }
        }
        SHA256.HashData(bytes.AsSpan(0, bytes.Length - ChecksumBytes), at);
        return bytes;
    }

    /// <summary>The windows, or <see langword="null"/> where the file is damaged or of another version.</summary>
    public static PixelBox[]? Read(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < HeaderBytes + ChecksumBytes || BinaryPrimitives.ReadUInt32LittleEndian(bytes) != Magic) return null;
        int width = BinaryPrimitives.ReadInt32LittleEndian(bytes[8..]), count = BinaryPrimitives.ReadInt32LittleEndian(bytes[12..]);
        if (BinaryPrimitives.ReadInt32LittleEndian(bytes[4..]) != Version || width is not (2 or 8) || count < 0) return null;
        if (bytes.Length != HeaderBytes + count * 4L * width + ChecksumBytes) return null;
        Span<byte> checksum = stackalloc byte[ChecksumBytes];
        SHA256.HashData(bytes[..^ChecksumBytes], checksum);
        if (!checksum.SequenceEqual(bytes[^ChecksumBytes..])) return null;
        var boxes = new PixelBox[count];
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<byte> box = bytes.Slice(HeaderBytes + i * 4 * width, 4 * width);
            boxes[i] = new PixelBox(Value(box, width), Value(box[width..], width), Value(box[(2 * width)..], width), Value(box[(3 * width)..], width));
        }
        return boxes;
    }

    private static double Value(ReadOnlySpan<byte> bytes, int width) =>
        width == 2 ? BinaryPrimitives.ReadUInt16LittleEndian(bytes) : BinaryPrimitives.ReadDoubleLittleEndian(bytes);

    private static bool IsShort(double value) => value >= 0 && value <= ushort.MaxValue && value == Math.Floor(value) && !(value == 0 && double.IsNegative(value));
}
