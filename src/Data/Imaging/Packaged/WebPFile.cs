using System.Buffers.Binary;

namespace IlgpuSpp.Data.Imaging.Packaged;

/// <summary>The chunks of a WebP file.</summary>
internal static class WebPFile
{
    /// <summary>Walks the file.</summary>
    /// <param name="data">The whole file.</param>
    /// <param name="errors">How failures are worded.</param>
    /// <param name="file">What belongs to the image of it.</param>
    public static ImageHeader Read(ReadOnlySpan<byte> data, ImageErrors errors, out ReadOnlySpan<byte> file)
    {
        long end = 8L + BinaryPrimitives.ReadUInt32LittleEndian(data[4..]);
        if (end > data.Length) throw errors.Truncated($"before {end} bytes");
        file = data[..(int)end];
        ImageHeader? size = null;
        ReadOnlySpan<byte> alpha = file[..0];
        int exif = 0, xmp = 0;
        for (long at = 12; at + 8 <= file.Length;)
        {
            ReadOnlySpan<byte> type = file.Slice((int)at, 4);
            long length = BinaryPrimitives.ReadUInt32LittleEndian(file[((int)at + 4)..]);
            if (at + 8 + length > file.Length) throw errors.Truncated("inside a chunk");
            ReadOnlySpan<byte> chunk = file.Slice((int)at + 8, (int)length);
            if (type.SequenceEqual("VP8 "u8)) size ??= Lossy(chunk, errors);
            else if (type.SequenceEqual("VP8L"u8)) size ??= Lossless(chunk, errors);
            else if (type.SequenceEqual("ALPH"u8)) alpha = chunk;
            else if (type.SequenceEqual("EXIF"u8)) exif = ExifOrientation.Read(chunk.StartsWith("Exif\0\0"u8) ? chunk[6..] : chunk);
            else if (type.SequenceEqual("XMP "u8)) xmp = ExifOrientation.ReadXmp(chunk);
            else if (type.SequenceEqual("ANIM"u8) || type.SequenceEqual("ANMF"u8)) throw errors.Unsupported("an animation");
            at += 8 + length + (length & 1);
        }
        ImageHeader found = size ?? throw errors.Corrupt("it holds no image");
        // RFC 9649, section 2.7.1.2: the opacity beside a lossy frame may be lossless data without a header.
        if (alpha.Length > 1 && (alpha[0] & 3) == 1) WebPGroups.Check(alpha[1..], found.Width, found.Height, errors);
        return found with { Orientation = exif > 0 ? exif : Math.Max(xmp, 1) };
    }

    // RFC 6386, section 9.1: a tag of three bytes, a start code of three, and fourteen bits a side.
    private static ImageHeader Lossy(ReadOnlySpan<byte> chunk, ImageErrors errors) => chunk.Length >= 10 && chunk[3..6].SequenceEqual((ReadOnlySpan<byte>)[0x9D, 0x01, 0x2A])
        ? new ImageHeader(BinaryPrimitives.ReadUInt16LittleEndian(chunk[6..]) & 0x3FFF, BinaryPrimitives.ReadUInt16LittleEndian(chunk[8..]) & 0x3FFF)
        : throw errors.Corrupt("the frame has no header");

    // RFC 9649, section 3.4: a signature byte, then fourteen bits a side, each less one.
    private static ImageHeader Lossless(ReadOnlySpan<byte> chunk, ImageErrors errors)
    {
        if (chunk.Length < 5 || chunk[0] != 0x2F) throw errors.Corrupt("the frame has no header");
        uint bits = BinaryPrimitives.ReadUInt32LittleEndian(chunk[1..]);
        var header = new ImageHeader((int)(bits & 0x3FFF) + 1, (int)(bits >> 14 & 0x3FFF) + 1);
        WebPGroups.Check(chunk[5..], header.Width, header.Height, errors);
        return header;
    }
}
