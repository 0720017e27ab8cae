using System.Buffers.Binary;

namespace IlgpuSpp.Data.Imaging.Pnm;

/// <summary>A decoder for Netpbm's PBM, PGM and PPM, plain (P1 to P3) and raw (P4 to P6), sample values up to 65535. Only the first image is read.</summary>
internal ref struct PnmDecoder(ReadOnlySpan<byte> data, ImageLimits limits, string? name)
{
    private readonly ReadOnlySpan<byte> _data = data;
    private readonly ImageLimits _limits = limits;
    private readonly ImageErrors _errors = new(name, $"P{(char)data[1]} image");
    private int _position;

    public static bool IsSpace(byte value) => value is (byte)' ' or >= 9 and <= 13;

    /// <summary>Reads the header.</summary>
    public ImageHeader ReadHeader()
    {
        _position = 2;
        int width = Number("the width"), height = Number("the height");
        _limits.Check(width, height, "Netpbm", _errors.Name);
        return new ImageHeader(width, height);
    }

    /// <summary>Decodes the image.</summary>
    public RgbImage Decode()
    {
        int kind = _data[1] - '0';
        (int width, int height, int _) = ReadHeader();
        bool isBitmap = kind is 1 or 4;
        int largest = isBitmap ? 1 : Number("the largest value");
        if (largest is < 1 or > 65535) throw _errors.Corrupt($"the largest sample value is {largest}");
        int channels = kind is 3 or 6 ? 3 : 1;
        long samples = (long)width * height * channels;
        if (kind > 3)
        {
            // Exactly one white space ends the header.
            _position++;
            long bytes = kind == 4 ? (width + 7L) / 8 * height : samples * (largest > 255 ? 2 : 1);
            if (bytes > _data.Length - _position) throw _errors.Truncated($"before {bytes} bytes of pixels");
        }
        else if (samples > _data.Length - _position) throw _errors.Truncated($"before {samples} samples");
        var image = RgbImage.Uninitialized(width, height);
        for (int y = 0; y < height; y++)
        {
            Span<byte> row = image.Row(y);
            for (int x = 0; x < width; x++)
            {
                for (int c = 0; c < channels; c++) row[(3 * x) + c] = Sample(kind, largest, x);

                if (channels == 1) row[(3 * x) + 1] = row[(3 * x) + 2] = row[3 * x];
            }

            if (kind == 4) _position += (width + 7) / 8;
        }

        return image;
    }

    private byte Sample(int kind, int largest, int x)
    {
        switch (kind)
        {
            case 1:
                SkipSpace();
                return Next() switch
                {
                    (byte)'0' => 255,
                    (byte)'1' => 0,
                    var other => throw _errors.Corrupt($"byte {other} in place of a bit"),
                };
            case 4:
                return (_data[_position + (x >> 3)] & (0x80 >> (x & 7))) == 0 ? (byte)255 : (byte)0;
            case 2 or 3:
                return Scale(Number("a sample"), largest);
            default:
                if (largest < 256) return Scale(_data[_position++], largest);
                _position += 2;
                return Scale(BinaryPrimitives.ReadUInt16BigEndian(_data[(_position - 2)..]), largest);
        }
    }

    private readonly byte Scale(int value, int largest) =>
        value <= largest
            ? (byte)(((value * 255L) + (largest / 2)) / largest)
            : throw _errors.Corrupt($"a sample is {value}, above the largest value {largest}");

    private byte Next() => _position < _data.Length ? _data[_position++] : throw _errors.Truncated("before all pixels are there");

    private void SkipSpace()
    {
        while (_position < _data.Length)
        {
            if (_data[_position] == '#')
            {
                int end = _data[_position..].IndexOfAny((byte)'\n', (byte)'\r');
                _position = end < 0 ? _data.Length : _position + end;
            }
            else if (IsSpace(_data[_position])) _position++;
            else return;
        }
    }

    private int Number(string what)
    {
        SkipSpace();
        if (_position >= _data.Length) throw _errors.Truncated($"before {what}");
        int start = _position;
        long value = 0;
        while (_position < _data.Length && _data[_position] is >= (byte)'0' and <= (byte)'9' && value <= int.MaxValue)
            value = (value * 10) + _data[_position++] - '0';

        return _position > start && value <= int.MaxValue ? (int)value : throw _errors.Corrupt($"{what} is not a number");
    }
}
