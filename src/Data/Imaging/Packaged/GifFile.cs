using System.Buffers.Binary;

namespace IlgpuSpp.Data.Imaging.Packaged;

/// <summary>The blocks of a GIF up to the end of its first frame.</summary>
internal static class GifFile
{
    private const int HeaderSize = 13;

    /// <summary>Walks the file.</summary>
    /// <param name="data">The whole file.</param>
    /// <param name="errors">How failures are worded.</param>
    /// <param name="file">A GIF of the first frame alone: nothing that comes before it or after it can do harm.</param>
    public static ImageHeader Read(ReadOnlySpan<byte> data, ImageErrors errors, out ReadOnlySpan<byte> file)
    {
        if (data.Length < HeaderSize) throw errors.Truncated("inside the header");
        int at = HeaderSize + TableSize(data[10]);
        ReadOnlySpan<byte> control = [];
        while (true)
        {
            int kind = ByteAt(data, at, errors);
            if (kind == 0x2C) break;
            if (kind != 0x21) throw errors.Corrupt("it holds no image");
            bool isControl = ByteAt(data, at + 1, errors) == 0xF9;
            if (isControl && ByteAt(data, at + 2, errors) != 4) throw errors.Corrupt("a control block has the wrong length");
            int end = SkipBlocks(data, at + 2, errors);
            if (isControl) control = data[at..(at + 7)];
            at = end;
        }

        if (data.Length < at + 10) throw errors.Truncated("inside the first frame");
        ReadOnlySpan<byte> descriptor = data.Slice(at, 10);
        int left = BinaryPrimitives.ReadUInt16LittleEndian(descriptor[1..]), top = BinaryPrimitives.ReadUInt16LittleEndian(descriptor[3..]);
        int frameWidth = BinaryPrimitives.ReadUInt16LittleEndian(descriptor[5..]), frameHeight = BinaryPrimitives.ReadUInt16LittleEndian(descriptor[7..]);
        int pixels = at + 10 + TableSize(descriptor[9]);
        if (TableSize(data[10]) == 0 && TableSize(descriptor[9]) == 0) throw errors.Corrupt("the palette is missing");
        if (frameWidth == 0 || frameHeight == 0) throw errors.Corrupt($"the first frame has a size of {frameWidth} x {frameHeight}");
        if (ByteAt(data, pixels, errors) is < 2 or > 8) throw errors.Corrupt($"the codes of the first frame begin with {data[pixels]} bits");
        int stop = SkipBlocks(data, pixels + 1, errors);

        // A frame that reaches out of the image makes it larger, as in browsers.
        int width = Math.Max(BinaryPrimitives.ReadUInt16LittleEndian(data[6..]), left + frameWidth), height = Math.Max(BinaryPrimitives.ReadUInt16LittleEndian(data[8..]), top + frameHeight);
        if (width > ushort.MaxValue || height > ushort.MaxValue) throw errors.Corrupt($"the first frame makes a size of {width} x {height}");
        byte[] first = [.. data[..(HeaderSize + TableSize(data[10]))], .. control, .. control.IsEmpty ? [] : (ReadOnlySpan<byte>)[0], .. data[at..stop], 0x3B];
        BinaryPrimitives.WriteUInt16LittleEndian(first.AsSpan(6), (ushort)width);
        BinaryPrimitives.WriteUInt16LittleEndian(first.AsSpan(8), (ushort)height);
        file = first;
        return new ImageHeader(width, height);
    }

    private static int TableSize(int flags) => (flags & 0x80) == 0 ? 0 : 3 << ((flags & 7) + 1);

    private static int SkipBlocks(ReadOnlySpan<byte> data, int at, ImageErrors errors)
    {
        int length;
        do
        {
            length = ByteAt(data, at, errors);
            at += 1 + length;
        }
        while (length > 0);
        return at;
    }

    private static int ByteAt(ReadOnlySpan<byte> data, int at, ImageErrors errors) => at < data.Length ? data[at] : throw errors.Truncated("before the end of the first frame");
}
