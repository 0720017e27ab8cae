using System.IO.Compression;

namespace IlgpuSpp.Data.Imaging.Png;

/// <summary>
/// The orientation that a PNG's metadata gives: of its <c>eXIf</c> chunk, else of an EXIF profile written as hexadecimal text (ImageMagick
/// and others before 2017), else of XMP.
/// </summary>
internal sealed class PngOrientation
{
    private const int MaxInflated = 1 << 20;

    private int _exif, _profile, _xmp;

    /// <summary>1 to 8; 0 where nothing is said.</summary>
    public int Value => _exif > 0 ? _exif : _profile > 0 ? _profile : _xmp;

    /// <summary>Looks into a chunk.</summary>
    public void Read(ReadOnlySpan<byte> type, ReadOnlySpan<byte> chunk)
    {
        if (type.SequenceEqual("eXIf"u8)) _exif = ExifOrientation.Read(chunk);
        int end = chunk.IndexOf((byte)0);
        if (end < 1) return;
        ReadOnlySpan<byte> keyword = chunk[..end], content = chunk[(end + 1)..];
        if (type.SequenceEqual("tEXt"u8)) Text(keyword, content);
        else if (type.SequenceEqual("zTXt"u8) && content.Length > 1) Text(keyword, Inflated(content[1..]));
        else if (type.SequenceEqual("iTXt"u8) && content.Length > 2)
        {
            // A flag and a method of compression, a language and a translated keyword, each of the two ended by a zero.
            bool compressed = content[0] == 1;
            ReadOnlySpan<byte> rest = content[2..];
            for (int i = 0; i < 2; i++)
            {
                int zero = rest.IndexOf((byte)0);
                if (zero < 0) return;
                rest = rest[(zero + 1)..];
            }
            Text(keyword, compressed ? Inflated(rest) : rest);
        }
    }

    private void Text(ReadOnlySpan<byte> keyword, ReadOnlySpan<byte> text)
    {
        if (keyword.SequenceEqual("XML:com.adobe.xmp"u8)) _xmp = ExifOrientation.ReadXmp(text);
        if (!keyword.StartsWith("Raw profile type "u8)) return;
        ReadOnlySpan<byte> kind = keyword["Raw profile type "u8.Length..];
        byte[] profile = Profile(text);
        if (kind.SequenceEqual("xmp"u8)) _xmp = ExifOrientation.ReadXmp(profile);
        else if (kind.SequenceEqual("exif"u8) || kind.SequenceEqual("APP1"u8)) _profile = ExifOrientation.Read(profile.AsSpan().StartsWith("Exif\0\0"u8) ? profile.AsSpan(6) : profile);
    }

    // A name, a length in bytes and the bytes in hexadecimal, each on lines of their own.
    private static byte[] Profile(ReadOnlySpan<byte> text)
    {
        text = text.TrimStart("\r\n "u8);
        for (int i = 0; i < 2; i++)
        {
            int line = text.IndexOf((byte)'\n');
            if (line < 0) return [];
            text = text[(line + 1)..];
        }
        var bytes = new List<byte>();
        int high = -1;
        foreach (byte digit in text)
        {
            if (!char.IsAsciiHexDigit((char)digit)) continue;
            int value = Convert.ToInt32(((char)digit).ToString(), 16);
            if (high < 0) high = value;
            else
            {
                bytes.Add((byte)(high << 4 | value));
                high = -1;
            }
        }
        return [.. bytes];
    }

    // Damaged text must not cost the image, nor may a little of it fill the memory.
    private static byte[] Inflated(ReadOnlySpan<byte> data)
    {
        try
        {
            using var zlib = new ZLibStream(new MemoryStream(data.ToArray()), CompressionMode.Decompress);
            byte[] text = new byte[Math.Min(MaxInflated, data.Length * 1100L)];
            return text[..zlib.ReadAtLeast(text, text.Length, throwOnEndOfStream: false)];
        }
        catch (Exception error) when (error is InvalidDataException or IOException)
        {
            return [];
        }
    }
}
