using Google.Protobuf;

namespace IlgpuSpp.Models;

/// <summary>
/// Reads Caffe's binary files with the protocol-buffer wire reader: trained networks (<c>.caffemodel</c>, messages of type
/// NetParameter with layers in the old or the new form) and mean images (<c>.binaryproto</c>, one BlobProto).
/// </summary>
internal sealed class CaffeWireReader
{
    // Field numbers of caffe.proto.
    private const int NetOldLayers = 2, NetLayers = 100;
    private const int OldLayerOldest = 1, OldestLayerName = 1, OldestLayerBlobs = 50, OldLayerName = 4, OldLayerBlobs = 6, LayerName = 1, LayerBlobs = 7;
    private const int BlobData = 5, BlobShape = 7, BlobDoubles = 8, ShapeDimensions = 1;

    private readonly string _path;
    private readonly CodedInputStream _input;
    private readonly long _length;
    private uint _tag;

    private CaffeWireReader(string path, Stream stream)
    {
        _path = path;
        _length = stream.Length;
        _input = CodedInputStream.CreateWithLimits(stream, int.MaxValue, 16);
    }

    /// <summary>The arrays of every layer that has some, by the layer's name.</summary>
    /// <exception cref="ModelFormatException">The file is cut off, or is no trained network.</exception>
    public static Dictionary<string, IReadOnlyList<CaffeBlob>> ReadNetwork(string path) => Read(path, reader => reader.ReadNet());

    /// <summary>The array of a file that holds one, such as a mean image.</summary>
    /// <exception cref="ModelFormatException">The file is cut off, or holds no array.</exception>
    public static CaffeBlob ReadBlob(string path) => Read(path, reader => reader.ReadBlob(reader._length));

    private static T Read<T>(string path, Func<CaffeWireReader, T> read)
    {
        if (!File.Exists(path)) throw new FileNotFoundException($"{path}: there is no such file.");
        using FileStream stream = File.OpenRead(path);
        if (stream.Length == 0) throw new ModelFormatException(path, "the file is empty");
        var reader = new CaffeWireReader(path, stream);
        try
        {
            return read(reader);
        }
        catch (InvalidProtocolBufferException error)
        {
            throw new ModelFormatException(path, $"it is cut off or not a Caffe file: byte {reader._input.Position} of {reader._length} cannot be read", error);
        }
    }

    private Dictionary<string, IReadOnlyList<CaffeBlob>> ReadNet()
    {
        var layers = new Dictionary<string, IReadOnlyList<CaffeBlob>>(StringComparer.Ordinal);
        bool any = false;
        while (_input.Position < _length)
        {
            int field = NextField();
            if (field is not (NetLayers or NetOldLayers) || Wire() != WireFormat.WireType.LengthDelimited)
            {
                _input.SkipLastField();
                continue;
            }
            (string name, List<CaffeBlob> blobs) = ReadLayer(field == NetOldLayers);
            any = true;
            if (blobs.Count > 0) layers[name] = blobs;
        }
        return any ? layers : throw new ModelFormatException(_path, "it holds no layers; is it a .caffemodel?");
    }

    private (string Name, List<CaffeBlob> Blobs) ReadLayer(bool old)
    {
        string name = "";
        var blobs = new List<CaffeBlob>();
        Fields(EndOfMessage(), old ? OldLayerName : LayerName, old ? OldLayerBlobs : LayerBlobs, old);
        return (name, blobs);

        void Fields(long end, int nameField, int blobsField, bool mayNest)
        {
            while (_input.Position < end)
            {
                int field = NextField();
                bool delimited = Wire() == WireFormat.WireType.LengthDelimited;
                if (delimited && field == nameField) name = _input.ReadString();
                else if (delimited && field == blobsField) blobs.Add(ReadBlob(EndOfMessage()));
                // The oldest form (V0LayerParameter) has all but the connections in a message inside.
                else if (delimited && mayNest && field == OldLayerOldest) Fields(EndOfMessage(), OldestLayerName, OldestLayerBlobs, mayNest: false);
                else _input.SkipLastField();
            }
        }
    }

    private CaffeBlob ReadBlob(long end)
    {
        long[] legacy = [0, 0, 0, 0];
        List<long>? shape = null;
        float[] packed = [];
        List<float>? single = null;
        while (_input.Position < end)
        {
            int field = NextField();
            WireFormat.WireType wire = Wire();
            switch (field)
            {
                case >= 1 and <= 4 when wire == WireFormat.WireType.Varint:
                    legacy[field - 1] = _input.ReadInt64();
                    break;
                case BlobShape when wire == WireFormat.WireType.LengthDelimited:
                    shape = ReadShape();
                    break;
                case BlobData when wire == WireFormat.WireType.LengthDelimited:
                    packed = ReadPacked(sizeof(float));
                    break;
                case BlobDoubles when wire == WireFormat.WireType.LengthDelimited:
                    packed = ReadPacked(sizeof(double));
                    break;
                case BlobData when wire == WireFormat.WireType.Fixed32:
                    (single ??= []).Add(_input.ReadFloat());
                    break;
                default:
                    _input.SkipLastField();
                    break;
            }
        }
        float[] values = single is null ? packed : [.. single];
        IReadOnlyList<long> extents = shape is not null ? shape : legacy;
        long count = extents.Aggregate(1L, (product, extent) => extent is >= 0 and <= int.MaxValue && product <= int.MaxValue ? product * extent : -1);
        if (count != values.Length)
            throw new ModelFormatException(_path, $"an array of shape [{string.Join(", ", extents)}] has {values.Length} values");
        return new CaffeBlob(extents, values);
    }

    private List<long> ReadShape()
    {
        var extents = new List<long>();
        for (long end = EndOfMessage(); _input.Position < end;)
        {
            if (NextField() != ShapeDimensions)
            {
                _input.SkipLastField();
            }
            else if (Wire() == WireFormat.WireType.LengthDelimited)
            {
                for (long listEnd = EndOfMessage(); _input.Position < listEnd;) extents.Add(_input.ReadInt64());
            }
            else
            {
                extents.Add(_input.ReadInt64());
            }
        }
        return extents;
    }

    private float[] ReadPacked(int bytes)
    {
        long length = EndOfMessage() - _input.Position;
        if (length % bytes != 0) throw new ModelFormatException(_path, $"an array of {length} bytes is not made of {bytes}-byte numbers");
        var values = new float[length / bytes];
        for (int i = 0; i < values.Length; i++) values[i] = bytes == sizeof(float) ? _input.ReadFloat() : (float)_input.ReadDouble();
        return values;
    }

    // Checked before anything is allocated: a length may be anything in a damaged file.
    private long EndOfMessage()
    {
        int length = _input.ReadLength();
        long end = _input.Position + length;
        return length >= 0 && end <= _length ? end : throw new ModelFormatException(_path, $"it is cut off: a part of {(uint)length} bytes begins at byte {_input.Position}, but the file has {_length}");
    }

    private int NextField()
    {
        _tag = _input.ReadTag();
        return _tag == 0 ? throw new ModelFormatException(_path, $"it is cut off: it ends inside a message at byte {_input.Position}") : WireFormat.GetTagFieldNumber(_tag);
    }

    private WireFormat.WireType Wire() => WireFormat.GetTagWireType(_tag);
}
