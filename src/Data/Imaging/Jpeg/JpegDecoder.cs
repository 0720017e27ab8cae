using System.Buffers.Binary;

namespace IlgpuSpp.Data.Imaging.Jpeg;

/// <summary>
/// A JPEG decoder (ITU-T T.81 with the conventions of JFIF, EXIF and Adobe): 8-bit baseline, extended sequential and progressive
/// Huffman-coded frames of 1, 3 or 4 components. This part reads the marker segments.
/// </summary>
/// <param name="data">The whole file.</param>
/// <param name="limits">The largest image accepted.</param>
/// <param name="name">A name for error messages.</param>
/// <param name="leastSide">Where it is above 0, the image is decoded at a half, a quarter or an eighth of its size as long as no side falls below this.</param>
internal ref struct JpegDecoder(ReadOnlySpan<byte> data, ImageLimits limits, string? name, int leastSide = 0)
{
    /// <summary>More scans than any encoder writes; bounds the time a hostile file can take.</summary>
    private const int MaxScans = 256;

    private readonly ReadOnlySpan<byte> _data = data;
    private readonly ImageLimits _limits = limits;
    private readonly int _leastSide = leastSide;
    private readonly ImageErrors _errors = new(name, "JPEG");
    private readonly int[]?[] _quantTables = new int[4][];
    private readonly JpegHuffmanTable?[] _dcTables = new JpegHuffmanTable[4];
    private readonly JpegHuffmanTable?[] _acTables = new JpegHuffmanTable[4];
    private int _position;
    private int _restartInterval;
    private int _orientation = 1;
    private bool _jfif;
    private int _adobeTransform = -1;
    private JpegFrame? _frame;

    /// <summary>Reads up to the frame header.</summary>
    public ImageHeader ReadHeader()
    {
        _position = 2;
        while (true)
        {
            int marker = NextMarker();
            ReadOnlySpan<byte> segment = Segment(marker);
            if (IsFrame(marker))
            {
                JpegFrame frame = ReadFrame(marker, segment, supportedOnly: false);
                return new ImageHeader(frame.Width, frame.Height, Math.Max(1, _orientation));
            }

            if (marker == 0xE1 && segment.StartsWith("Exif\0\0"u8)) _orientation = ExifOrientation.Read(segment[6..]);
            if (marker == 0xDA) throw _errors.Corrupt("a scan comes before the frame header");
        }
    }

    /// <summary>Decodes the image and turns it upright.</summary>
    public RgbImage Decode()
    {
        try
        {
            ReadSegments();
            JpegFrame frame = _frame!;
            if (frame.Progressive) JpegReconstruction.Transform(frame);
            RgbImage image = JpegReconstruction.ToRgb(frame, ColourSpace(frame));
            return ExifOrientation.Apply(image, _orientation);
        }
        finally
        {
            _frame?.Dispose();
        }
    }

    private static bool IsFrame(int marker) => marker is >= 0xC0 and <= 0xCF and not (0xC4 or 0xC8 or 0xCC);

    private void ReadSegments()
    {
        _position = 2;
        for (int scans = 0; ;)
        {
            if (_frame is { } decoded && scans > 0 && AtEnd() && IsComplete(decoded))
            {
                // Some cameras leave the end marker out; every pixel is there.
                return;
            }

            int marker = NextMarker();
            if (marker == 0xD9)
            {
                if (_frame is null || !_frame.Components.All(c => c.Decoded))
                    throw _errors.Corrupt("the file ends without all of its colour components");

                return;
            }

            if (marker is >= 0xD0 and <= 0xD8 or 0x01) continue;
            ReadOnlySpan<byte> segment = Segment(marker);
            switch (marker)
            {
                case 0xDB:
                    ReadQuantTables(segment);
                    break;
                case 0xC4:
                    ReadHuffmanTables(segment);
                    break;
                case 0xCC:
                    throw _errors.Unsupported("arithmetic coding");
                case 0xDD:
                    _restartInterval = segment.Length >= 2 ? BinaryPrimitives.ReadUInt16BigEndian(segment) : throw _errors.Corrupt("the restart interval is cut off");
                    break;
                case 0xE0:
                    _jfif |= segment.StartsWith("JFIF\0"u8);
                    break;
                case 0xE1 when segment.StartsWith("Exif\0\0"u8):
                    _orientation = ExifOrientation.Read(segment[6..]);
                    break;
                case 0xEE when segment.Length >= 12 && segment.StartsWith("Adobe"u8):
                    _adobeTransform = segment[11];
                    break;
                case 0xDA:
                    if (++scans > MaxScans) throw _errors.Corrupt($"more than {MaxScans} scans");
                    ReadScan(segment);
                    break;
                default:
                    if (IsFrame(marker))
                    {
                        if (_frame is not null) throw _errors.Corrupt("a second frame header");
                        _frame = ReadFrame(marker, segment, supportedOnly: true);
                    }

                    break;
            }
        }
    }

    private readonly bool AtEnd() => !_data[Math.Min(_position, _data.Length)..].ContainsAnyExcept((byte)0, (byte)0xFF);

    private static bool IsComplete(JpegFrame frame) =>
        frame.Components.All(c => c.Decoded && (!frame.Progressive || c.KnownBits.All(bit => bit == 0)));

    private int NextMarker()
    {
        // Bytes that belong to no segment are passed over, as other decoders do.
        while (_position + 1 < _data.Length)
        {
            if (_data[_position] == 0xFF && _data[_position + 1] is not (0 or 0xFF))
            {
                byte marker = _data[_position + 1];
                _position += 2;
                return marker;
            }

            _position++;
        }

        throw _errors.Truncated(_frame is null ? "before the frame header" : "before the end-of-image marker");
    }

    private ReadOnlySpan<byte> Segment(int marker)
    {
        if (marker is >= 0xD0 and <= 0xD9 or 0x01) return [];
        if (_position + 2 > _data.Length) throw _errors.Truncated("inside a segment");
        ushort length = BinaryPrimitives.ReadUInt16BigEndian(_data[_position..]);
        if (length < 2) throw _errors.Corrupt($"segment {marker:X2} has length {length}");
        if (_position + length > _data.Length) throw _errors.Truncated($"inside segment {marker:X2}");
        ReadOnlySpan<byte> segment = _data.Slice(_position + 2, length - 2);
        _position += length;
        return segment;
    }

    private readonly void ReadQuantTables(ReadOnlySpan<byte> segment)
    {
        while (segment.Length > 0)
        {
            int id = segment[0] & 15, wide = segment[0] >> 4;
            int bytes = wide == 0 ? 64 : 128;
            if (id > 3 || wide > 1 || segment.Length < 1 + bytes) throw _errors.Corrupt("a quantisation table is malformed");
            int[] table = new int[64];
            for (int k = 0; k < 64; k++)
                table[JpegZigzag.ToNatural[k]] = wide == 0 ? segment[1 + k] : BinaryPrimitives.ReadUInt16BigEndian(segment[(1 + (2 * k))..]);

            _quantTables[id] = table;
            segment = segment[(1 + bytes)..];
        }
    }

    private readonly void ReadHuffmanTables(ReadOnlySpan<byte> segment)
    {
        while (segment.Length > 0)
        {
            int id = segment[0] & 15, kind = segment[0] >> 4;
            if (id > 3 || kind > 1 || segment.Length < 17) throw _errors.Corrupt("a Huffman table is malformed");
            int total = 0;
            foreach (byte count in segment.Slice(1, 16)) total += count;

            if (total > 256 || segment.Length < 17 + total) throw _errors.Corrupt("a Huffman table is malformed");
            (kind == 0 ? _dcTables : _acTables)[id] = JpegHuffmanTable.TryCreate(segment.Slice(1, 16), segment.Slice(17, total))
                ?? throw _errors.Corrupt("a Huffman table is not a prefix code");
            segment = segment[(17 + total)..];
        }
    }

    private readonly JpegFrame ReadFrame(int marker, ReadOnlySpan<byte> segment, bool supportedOnly)
    {
        if (segment.Length < 6 || segment.Length < 6 + (3 * segment[5])) throw _errors.Corrupt("the frame header is cut off");
        if (supportedOnly) RequireSupported(marker, segment);
        int height = BinaryPrimitives.ReadUInt16BigEndian(segment[1..]), width = BinaryPrimitives.ReadUInt16BigEndian(segment[3..]);
        if (height == 0) height = HeightFromLineCount();
        _limits.Check(width, height, "JPEG", _errors.Name);
        var components = new JpegComponent[segment[5]];
        for (int i = 0; i < components.Length; i++)
        {
            ReadOnlySpan<byte> entry = segment.Slice(6 + (3 * i), 3);
            int h = entry[1] >> 4, v = entry[1] & 15;
            if (h is < 1 or > 4 || v is < 1 or > 4 || entry[2] > 3)
                throw _errors.Corrupt($"component {i} has sampling {h}x{v} and quantisation table {entry[2]}");

            components[i] = new JpegComponent { Id = entry[0], H = h, V = v, QuantTable = entry[2] };
        }

        var frame = new JpegFrame { Progressive = marker == 0xC2, Width = width, Height = height, Components = components, Reduction = Reduction(Math.Min(width, height)) };
        if (supportedOnly) frame.Layout();
        return frame;
    }

    private readonly int Reduction(int side)
    {
        int reduction = 1;
        while (_leastSide > 0 && reduction < 8 && (side + 2 * reduction - 1) / (2 * reduction) >= _leastSide) reduction *= 2;
        return reduction;
    }

    private readonly void RequireSupported(int marker, ReadOnlySpan<byte> segment)
    {
        string? unsupported = marker switch
        {
            0xC0 or 0xC1 or 0xC2 => null,
            0xC3 => "lossless coding",
            >= 0xC5 and <= 0xC7 => "hierarchical coding",
            _ => "arithmetic coding",
        };
        if (unsupported is null && segment[0] != 8) unsupported = $"{segment[0]} bits a sample";
        if (unsupported is null && segment[5] is not (1 or 3 or 4)) unsupported = $"{segment[5]} colour components";
        if (unsupported is not null) throw _errors.Unsupported(unsupported);
    }

    /// <summary>A frame of height 0 gives its height in a DNL segment behind the first scan (T.81, B.2.5).</summary>
    private readonly int HeightFromLineCount()
    {
        int at = _data[_position..].IndexOf((ReadOnlySpan<byte>)[0xFF, 0xDC, 0x00, 0x04]);
        return at >= 0 && _position + at + 6 <= _data.Length
            ? BinaryPrimitives.ReadUInt16BigEndian(_data[(_position + at + 4)..])
            : throw _errors.Corrupt("the height is 0");
    }

    private void ReadScan(ReadOnlySpan<byte> segment)
    {
        JpegFrame frame = _frame ?? throw _errors.Corrupt("a scan comes before the frame header");
        if (segment.Length < 1 || segment[0] is < 1 or > 4 || segment.Length < 4 + (2 * segment[0]))
            throw _errors.Corrupt("a scan header is cut off");

        ReadOnlySpan<byte> tail = segment.Slice(1 + (2 * segment[0]), 3);
        int first = tail[0], last = tail[1], high = tail[2] >> 4, low = tail[2] & 15;
        if (!frame.Progressive)
        {
            // Encoders in the field write other values here; a sequential scan has all coefficients in any case.
            (first, last, high, low) = (0, 63, 0, 0);
        }
        else if (first > last || last > 63 || (first == 0) != (last == 0) || low > 13 || (high != 0 && high != low + 1) || (first > 0 && segment[0] != 1))
            throw _errors.Corrupt($"a progressive scan covers coefficients {first} to {last}, bits {high} to {low}");

        var components = new JpegComponent[segment[0]];
        for (int i = 0; i < components.Length; i++)
        {
            byte id = segment[1 + (2 * i)];
            JpegComponent? component = Array.Find(frame.Components, c => c.Id == id);
            if (component is null || components.AsSpan(0, i).Contains(component))
                throw _errors.Corrupt($"a scan names component {id}, which the frame does not have or the scan has twice");

            components[i] = component;
            Prepare(frame, component, segment[2 + (2 * i)], first, last, high, low);
        }

        if (components.Length > 1 && components.Sum(c => c.H * c.V) > 10) throw _errors.Corrupt("an interleaved scan has more than 10 blocks a unit");
        if (frame.Components[0].Plane is null)
        {
            // Each block takes a bit at least: a cheap way to see a wrong size before memory is taken for it.
            if (frame.Blocks > (_data.Length - _position) * 8L)
                throw _errors.Truncated($"long before an image of {frame.Width} x {frame.Height} pixels can be complete");

            frame.Allocate();
        }

        var scan = new JpegScan(components, first, last, high, low, _restartInterval);
        var reader = new JpegBitReader(_data, _position);
        if (frame.Progressive) new JpegProgressiveScan(frame, scan, _errors).Decode(ref reader);
        else JpegSequentialScan.Decode(frame, scan, ref reader, _errors);

        _position = reader.Position;
    }

    private readonly void Prepare(JpegFrame frame, JpegComponent component, byte tables, int first, int last, int high, int low)
    {
        component.DcPredictor = 0;
        component.DcTable = _dcTables[(tables >> 4) & 3];
        component.AcTable = _acTables[tables & 3];
        component.Quant ??= _quantTables[component.QuantTable] ?? throw _errors.Corrupt($"quantisation table {component.QuantTable} is missing");
        bool needsDc = first == 0 && high == 0;
        bool needsAc = last > 0;
        if ((needsDc && component.DcTable is null) || (needsAc && component.AcTable is null)) throw _errors.Corrupt("a Huffman table is missing");
        if (first == 0) component.Decoded = true;
        for (int k = first; k <= last && frame.Progressive; k++) component.KnownBits[k] = low;
    }

    /// <summary>What the components mean: JFIF and Adobe markers decide, then the component names (the rules of the IJG library).</summary>
    private readonly JpegColourSpace ColourSpace(JpegFrame frame)
    {
        switch (frame.Components.Length)
        {
            case 1:
                return JpegColourSpace.Grey;
            case 3:
                if (_jfif) return JpegColourSpace.YCbCr;
                if (_adobeTransform >= 0) return _adobeTransform == 0 ? JpegColourSpace.Rgb : JpegColourSpace.YCbCr;
                return frame.Components is [{ Id: (byte)'R' }, { Id: (byte)'G' }, { Id: (byte)'B' }] ? JpegColourSpace.Rgb : JpegColourSpace.YCbCr;
            default:
                return _adobeTransform > 0 ? JpegColourSpace.Ycck : JpegColourSpace.Cmyk;
        }
    }
}
