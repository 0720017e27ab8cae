using System.Buffers.Binary;

namespace IlgpuSpp.Data.Imaging;

/// <summary>The orientation tag of EXIF (0x0112): how a stored image has to be turned to stand upright.</summary>
internal static class ExifOrientation
{
    private const ushort Tag = 0x0112;

    /// <summary>Finds the orientation in a TIFF structure (the EXIF data without the "Exif\0\0" of JPEG).</summary>
    /// <returns>1 to 8; 0 where the tag is missing or the structure is damaged, as metadata must not cost the image.</returns>
    public static int Read(ReadOnlySpan<byte> tiff)
    {
        if (tiff.Length < 8) return 0;
        bool little;
        if (tiff.StartsWith("II*\0"u8)) little = true;
        else if (tiff.StartsWith("MM\0*"u8)) little = false;
        else return 0;

        uint offset = UInt32(tiff[4..], little);
        if (offset > tiff.Length - 2) return 0;
        ReadOnlySpan<byte> directory = tiff[(int)offset..];
        ushort count = UInt16(directory, little);
        for (int i = 0; i < count && 2 + ((i + 1) * 12) <= directory.Length; i++)
        {
            ReadOnlySpan<byte> entry = directory.Slice(2 + (i * 12), 12);
            if (UInt16(entry, little) == Tag)
            {
                ushort value = UInt16(entry[8..], little);
                return UInt16(entry[2..], little) == 3 && value is >= 1 and <= 8 ? value : 0;
            }
        }

        return 0;
    }

    /// <summary>Finds the orientation in an XMP packet: the property <c>tiff:Orientation</c>, as an attribute or an element.</summary>
    /// <returns>1 to 8, or 0 where there is none.</returns>
    public static int ReadXmp(ReadOnlySpan<byte> packet)
    {
        ReadOnlySpan<byte> property = "tiff:Orientation"u8;
        int at = packet.IndexOf(property);
        if (at < 0) return 0;
        ReadOnlySpan<byte> value = packet[(at + property.Length)..].TrimStart(" \t\r\n=\"'>"u8);
        return value.Length > 1 && value[0] is >= (byte)'1' and <= (byte)'8' && !char.IsAsciiDigit((char)value[1]) ? value[0] - '0' : 0;
    }

    /// <summary>Turns a stored image upright.</summary>
    /// <param name="image">The image as stored.</param>
    /// <param name="orientation">1 to 8, the meaning of the tag; 0 where there is none.</param>
    /// <returns>The same image for 0 and 1, otherwise a new one; 5 to 8 exchange width and height.</returns>
    public static RgbImage Apply(RgbImage image, int orientation)
    {
        if (orientation <= 1) return image;
        int width = image.Width, height = image.Height;

        // Destination (x, y) comes from source pixel origin + x * stepX + y * stepY.
        (bool swaps, int origin, int stepX, int stepY) = orientation switch
        {
            2 => (false, width - 1, -1, width),
            3 => (false, (width * height) - 1, -1, -width),
            4 => (false, (height - 1) * width, 1, -width),
            5 => (true, 0, width, 1),
            6 => (true, (height - 1) * width, -width, 1),
            7 => (true, (width * height) - 1, -width, -1),
            8 => (true, width - 1, width, -1),
            _ => throw new ArgumentOutOfRangeException(nameof(orientation), orientation, "An EXIF orientation is 1 to 8."),
        };
        RgbImage result = swaps ? RgbImage.Uninitialized(height, width) : RgbImage.Uninitialized(width, height);
        ReadOnlySpan<byte> from = image.Pixels;
        for (int y = 0; y < result.Height; y++)
        {
            Span<byte> row = result.Row(y);
            int source = (origin + (y * stepY)) * 3;
            for (int x = 0; x < row.Length; x += 3, source += stepX * 3)
            {
                row[x] = from[source];
                row[x + 1] = from[source + 1];
                row[x + 2] = from[source + 2];
            }
        }

        return result;
    }

    private static ushort UInt16(ReadOnlySpan<byte> data, bool little) =>
        little ? BinaryPrimitives.ReadUInt16LittleEndian(data) : BinaryPrimitives.ReadUInt16BigEndian(data);

    private static uint UInt32(ReadOnlySpan<byte> data, bool little) =>
        little ? BinaryPrimitives.ReadUInt32LittleEndian(data) : BinaryPrimitives.ReadUInt32BigEndian(data);
}
