using System.Buffers.Binary;
using System.IO.Compression;

namespace IlgpuSpp.Data.Imaging.Png;

/// <summary>A PNG decoder (W3C PNG specification, third edition): all colour types, bit depths and Adam7; gamma and profiles are ignored.</summary>
internal ref struct PngDecoder(ReadOnlySpan<byte> data, ImageLimits limits, string? name)
{
    /// <summary>Deflate expands a byte to at most 1032; a little more is allowed for the stream's ends.</summary>
    private const int MaxExpansion = 1100;

    private readonly ReadOnlySpan<byte> _data = data;
    private readonly ImageLimits _limits = limits;
    private readonly ImageErrors _errors = new(name, "PNG");
    private int _position;
    private string? _warning;

    /// <summary>The eight bytes every PNG begins with.</summary>
    public static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    /// <summary>Reads the size, and the orientation in whatever chunk holds it.</summary>
    public ImageHeader ReadHeader()
    {
        PngHeader header = ReadFirstChunk();
        var orientation = new PngOrientation();
        while (NextChunk(out ReadOnlySpan<byte> type, out ReadOnlySpan<byte> chunk)) orientation.Read(type, chunk);
        return new ImageHeader(header.Width, header.Height, Math.Max(1, orientation.Value));
    }

    /// <summary>Decodes the image and turns it upright.</summary>
    public RgbImage Decode()
    {
        PngHeader header = ReadFirstChunk();
        byte[] palette = [], transparency = [];
        var orientation = new PngOrientation();
        using var compressed = new MemoryStream();
        while (NextChunk(out ReadOnlySpan<byte> type, out ReadOnlySpan<byte> chunk))
        {
            if (type.SequenceEqual("PLTE"u8))
                palette = chunk.Length is > 0 and <= 768 && chunk.Length % 3 == 0 ? chunk.ToArray() : throw _errors.Corrupt($"the palette has {chunk.Length} bytes");
            else if (type.SequenceEqual("tRNS"u8)) transparency = chunk.ToArray();
            else if (type.SequenceEqual("IDAT"u8)) compressed.Write(chunk);
            else if (IsCritical(type)) throw _errors.Unsupported("a critical chunk of unknown type");
            else orientation.Read(type, chunk);
        }
        if (header.ColourType == PngColourType.Palette && palette.Length == 0) throw _errors.Corrupt("the palette is missing");
        if (compressed.Length == 0) throw _errors.Truncated("before the pixels");

        compressed.Position = 0;
        RgbImage image = ExifOrientation.Apply(Inflate(header, compressed, new PngRowConverter(header, palette, transparency, _errors)), orientation.Value);
        return _warning is null ? image : new RgbImage(image.Width, image.Height, image.Pixels) { Warning = _warning };
    }

    private static bool IsCritical(ReadOnlySpan<byte> type) => (type[0] & 0x20) == 0;

    private PngHeader ReadFirstChunk()
    {
        if (!_data.StartsWith(Signature)) throw _errors.Corrupt("the signature is damaged, as by a transfer in text mode");
        _position = Signature.Length;
        if (!NextChunk(out ReadOnlySpan<byte> type, out ReadOnlySpan<byte> chunk)) throw _errors.Truncated("inside the header");
        return type.SequenceEqual("IHDR"u8) ? PngHeader.Read(chunk, _limits, _errors) : throw _errors.Corrupt("the header is not the first chunk");
    }

    /// <summary>
    /// Steps to the next chunk. What costs no pixels is mended, with a warning, as other programs do: a missing or damaged end, a chunk cut off
    /// (whether all pixels are there shows later), a wrong checksum of a chunk that is not needed; such a chunk is passed over.
    /// </summary>
    private bool NextChunk(out ReadOnlySpan<byte> type, out ReadOnlySpan<byte> chunk)
    {
        while (true)
        {
            ReadOnlySpan<byte> left = _data[_position..];
            if (left.Length < 12)
            {
                _warning ??= "the PNG ends without its end chunk";
                return Missing(out type, out chunk);
            }
            uint length = BinaryPrimitives.ReadUInt32BigEndian(left);
            type = left.Slice(4, 4);
            foreach (byte letter in type)
                if (!char.IsAsciiLetter((char)letter)) throw _errors.Corrupt($"there is no chunk at byte {_position}");
            if (type.SequenceEqual("IEND"u8))
            {
                if (!left[..12].SequenceEqual((ReadOnlySpan<byte>)[0, 0, 0, 0, .. "IEND"u8, 0xAE, 0x42, 0x60, 0x82])) _warning ??= "the PNG has a damaged end chunk";
                return Missing(out type, out chunk);
            }
            if (length > left.Length - 12)
            {
                if (!type.SequenceEqual("IDAT"u8) && IsCritical(type)) throw _errors.Truncated("inside a chunk");
                _warning ??= "the PNG ends inside a chunk";
                chunk = left[8..][..(int)Math.Min(length, left.Length - 8)];
                _position = _data.Length;
                return true;
            }
            ReadOnlySpan<byte> checkedPart = left.Slice(4, (int)length + 4);
            bool intact = Crc32.Compute(checkedPart) == BinaryPrimitives.ReadUInt32BigEndian(left[(8 + (int)length)..]);
            if (!intact && (IsCritical(type) || type.SequenceEqual("tRNS"u8))) throw _errors.Corrupt($"the checksum of the chunk at byte {_position} does not match");
            _position += 12 + (int)length;
            chunk = checkedPart[4..];
            if (intact) return true;
            _warning ??= "the PNG has a chunk with a wrong checksum that its pixels do not need";
        }
    }

    private static bool Missing(out ReadOnlySpan<byte> type, out ReadOnlySpan<byte> chunk)
    {
        type = chunk = [];
        return false;
    }

    private readonly RgbImage Inflate(PngHeader header, MemoryStream compressed, PngRowConverter converter)
    {
        long expected = header.Passes().Sum(pass => (1L + header.RowBytes(pass.Width)) * pass.Height);
        if (expected > (compressed.Length + 1) * MaxExpansion)
            throw _errors.Truncated($"long before an image of {header.Width} x {header.Height} pixels can be complete");

        var image = RgbImage.Uninitialized(header.Width, header.Height);
        int step = Math.Max(1, header.Channels * header.BitDepth / 8);
        using var rows = new ZLibStream(compressed, CompressionMode.Decompress);
        foreach (PngPass pass in header.Passes())
        {
            int length = header.RowBytes(pass.Width);
            byte[] row = new byte[length + 1];
            byte[] above = new byte[length + 1];
            for (int y = 0; y < pass.Height; y++)
            {
                ReadRow(rows, row);
                if (!PngFilter.Undo(row[0], row.AsSpan(1), above.AsSpan(1), step)) throw _errors.Corrupt($"row {y} has filter type {row[0]}");
                converter.Convert(row.AsSpan(1), pass, y, image);
                (row, above) = (above, row);
            }
        }

        return image;
    }

    private readonly void ReadRow(ZLibStream rows, byte[] row)
    {
        try
        {
            if (rows.ReadAtLeast(row, row.Length, throwOnEndOfStream: false) < row.Length) throw _errors.Truncated("before all pixels are there");
        }
        catch (Exception exception) when (exception is InvalidDataException or IOException)
        {
            // A stream that asks for a preset dictionary fails with an IOException.
            throw _errors.Corrupt("the compressed data is not valid", exception);
        }
    }
}
