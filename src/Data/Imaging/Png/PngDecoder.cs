using System.Buffers.Binary;
using System.IO.Compression;

namespace IlgpuSpp.Data.Imaging.Png;

/// <summary>A PNG decoder (W3C PNG specification, third edition): all colour types, bit depths and Adam7; gamma and profiles are ignored.</summary>
internal ref struct PngDecoder
{
    /// <summary>Deflate expands a byte to at most 1032; a little more is allowed for the stream's ends.</summary>
    private const int MaxExpansion = 1100;

    private readonly ReadOnlySpan<byte> _data;
    private readonly ImageLimits _limits;
    private readonly ImageErrors _errors;
    private int _position;

    public PngDecoder(ReadOnlySpan<byte> data, ImageLimits limits, string? name)
    {
        _data = data;
        _limits = limits;
        _errors = new ImageErrors(name, "PNG");
    }

    /// <summary>The eight bytes every PNG begins with.</summary>
    public static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    /// <summary>Reads the header.</summary>
    public (int Width, int Height) ReadSize()
    {
        var header = ReadHeader();
        return (header.Width, header.Height);
    }

    /// <summary>Decodes the image and turns it upright.</summary>
    public RgbImage Decode()
    {
        var header = ReadHeader();
        byte[] palette = [], transparency = [];
        var orientation = 1;
        using var compressed = new MemoryStream();
        while (true)
        {
            var chunk = NextChunk(out var type);
            if (type.SequenceEqual("IEND"u8))
            {
                break;
            }

            if (type.SequenceEqual("PLTE"u8))
            {
                palette = chunk.Length is > 0 and <= 768 && chunk.Length % 3 == 0 ? chunk.ToArray() : throw _errors.Corrupt($"the palette has {chunk.Length} bytes");
            }
            else if (type.SequenceEqual("tRNS"u8))
            {
                transparency = chunk.ToArray();
            }
            else if (type.SequenceEqual("IDAT"u8))
            {
                compressed.Write(chunk);
            }
            else if (type.SequenceEqual("eXIf"u8))
            {
                orientation = ExifOrientation.Read(chunk);
            }
            else if ((type[0] & 0x20) == 0)
            {
                throw _errors.Unsupported($"critical chunk {Convert.ToHexString(type)}");
            }
        }

        if (header.ColourType == PngColourType.Palette && palette.Length == 0)
        {
            throw _errors.Corrupt("the palette is missing");
        }

        compressed.Position = 0;
        var image = Inflate(header, compressed, new PngRowConverter(header, palette, transparency, _errors));
        return ExifOrientation.Apply(image, orientation);
    }

    private PngHeader ReadHeader()
    {
        if (!_data.StartsWith(Signature))
        {
            throw _errors.Corrupt("the signature is damaged, as by a transfer in text mode");
        }

        _position = Signature.Length;
        var chunk = NextChunk(out var type);
        return type.SequenceEqual("IHDR"u8) ? PngHeader.Read(chunk, _limits, _errors) : throw _errors.Corrupt("the header is not the first chunk");
    }

    private ReadOnlySpan<byte> NextChunk(out ReadOnlySpan<byte> type)
    {
        var left = _data.Length - _position;
        if (left < 12)
        {
            throw _errors.Truncated("before the end chunk");
        }

        var length = BinaryPrimitives.ReadUInt32BigEndian(_data[_position..]);
        if (length > left - 12)
        {
            throw _errors.Truncated("inside a chunk");
        }

        var checkedPart = _data.Slice(_position + 4, (int)length + 4);
        type = checkedPart[..4];
        if (Crc32.Compute(checkedPart) != BinaryPrimitives.ReadUInt32BigEndian(_data[(_position + 8 + (int)length)..]))
        {
            throw _errors.Corrupt($"the checksum of the chunk at byte {_position} does not match");
        }

        _position += 12 + (int)length;
        return checkedPart[4..];
    }

    private readonly RgbImage Inflate(PngHeader header, MemoryStream compressed, PngRowConverter converter)
    {
        var expected = header.Passes().Sum(pass => (1L + header.RowBytes(pass.Width)) * pass.Height);
        if (expected > (compressed.Length + 1) * MaxExpansion)
        {
            throw _errors.Truncated($"long before an image of {header.Width} x {header.Height} pixels can be complete");
        }

        var image = RgbImage.Uninitialized(header.Width, header.Height);
        var step = Math.Max(1, header.Channels * header.BitDepth / 8);
        using var rows = new ZLibStream(compressed, CompressionMode.Decompress);
        foreach (var pass in header.Passes())
        {
            var length = header.RowBytes(pass.Width);
            var row = new byte[length + 1];
            var above = new byte[length + 1];
            for (var y = 0; y < pass.Height; y++)
            {
                ReadRow(rows, row);
                if (!PngFilter.Undo(row[0], row.AsSpan(1), above.AsSpan(1), step))
                {
                    throw _errors.Corrupt($"row {y} has filter type {row[0]}");
                }

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
            if (rows.ReadAtLeast(row, row.Length, throwOnEndOfStream: false) < row.Length)
            {
                throw _errors.Truncated("before all pixels are there");
            }
        }
        catch (Exception exception) when (exception is InvalidDataException or IOException)
        {
            // A stream that asks for a preset dictionary fails with an IOException.
            throw _errors.Corrupt("the compressed data is not valid", exception);
        }
    }
}
