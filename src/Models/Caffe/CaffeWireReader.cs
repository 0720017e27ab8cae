using Google.Protobuf;

namespace IlgpuSpp.Models;

/// <summary>
/// Reads Caffe's binary files: trained networks (<c>.caffemodel</c>, messages of type
/// NetParameter with layers in the old or the new form) and mean images (<c>.binaryproto</c>, one BlobProto).
/// </summary>
internal sealed class CaffeWireReader : WireReader
{
    // Field numbers of caffe.proto.
    private const int NetOldLayers = 2, NetLayers = 100;
    private const int OldLayerOldest = 1, OldestLayerName = 1, OldestLayerBlobs = 50, OldLayerName = 4, OldLayerBlobs = 6, LayerName = 1, LayerBlobs = 7;
    private const int BlobData = 5, BlobShape = 7, BlobDoubles = 8, ShapeDimensions = 1;

    private readonly string _path;

    private CaffeWireReader(string path, Stream stream)
        : base(path, "a Caffe file", CodedInputStream.CreateWithLimits(stream, int.MaxValue, 16), stream.Length) => _path = path;

    /// <summary>The arrays of every layer that has some, by the layer's name.</summary>
    /// <exception cref="ModelFormatException">The file is cut off, or is no trained network.</exception>
    public static Dictionary<string, IReadOnlyList<CaffeBlob>> ReadNetwork(string path) => Read(path, reader => reader.ReadNet());

    /// <summary>The array of a file that holds one, such as a mean image.</summary>
    /// <exception cref="ModelFormatException">The file is cut off, or holds no array.</exception>
    public static CaffeBlob ReadBlob(string path) => Read(path, reader => reader.ReadBlob(reader.Length));

    private static T Read<T>(string path, Func<CaffeWireReader, T> read)
    {
        if (!File.Exists(path)) throw new FileNotFoundException($"{path}: there is no such file.");
        using FileStream stream = File.OpenRead(path);
        if (stream.Length == 0) throw new ModelFormatException(path, "the file is empty");
        using var reader = new CaffeWireReader(path, stream);
        return reader.Read(() => read(reader));
    }

    private Dictionary<string, IReadOnlyList<CaffeBlob>> ReadNet()
    {
        var layers = new Dictionary<string, IReadOnlyList<CaffeBlob>>(StringComparer.Ordinal);
        bool any = false;
        foreach (int field in Fields(Length))
        {
            if (field is not (NetLayers or NetOldLayers) || !IsPart) continue;
            (string name, List<CaffeBlob> blobs) = ReadLayer(field == NetOldLayers);
            any = true;
            if (blobs.Count > 0) layers[name] = blobs;
        }
        return any ? layers : throw new ModelFormatException(_path, "it holds no layers, as every .caffemodel does");
    }

    private (string Name, List<CaffeBlob> Blobs) ReadLayer(bool old)
    {
        string name = "";
        var blobs = new List<CaffeBlob>();
        Walk(EndOfPart(), old ? OldLayerName : LayerName, old ? OldLayerBlobs : LayerBlobs, old);
        return (name, blobs);

        void Walk(long end, int nameField, int blobsField, bool mayNest)
        {
            foreach (int field in Fields(end))
            {
                if (!IsPart) continue;
                if (field == nameField) name = Input.ReadString();
                else if (field == blobsField) blobs.Add(ReadBlob(EndOfPart()));
                // The oldest form (V0LayerParameter) has all but the connections in a message inside.
                else if (mayNest && field == OldLayerOldest) Walk(EndOfPart(), OldestLayerName, OldestLayerBlobs, mayNest: false);
            }
        }
    }

    private CaffeBlob ReadBlob(long end)
    {
        long[] legacy = [0, 0, 0, 0];
        List<long>? shape = null;
        float[] packed = [];
        List<float>? single = null;
        foreach (int field in Fields(end))
            switch (field)
            {
                case >= 1 and <= 4 when Wire == WireFormat.WireType.Varint: legacy[field - 1] = Input.ReadInt64(); break;
                case BlobShape when IsPart: shape = ReadShape(); break;
                case BlobData when IsPart: packed = ReadPacked(sizeof(float)); break;
                case BlobDoubles when IsPart: packed = ReadPacked(sizeof(double)); break;
                case BlobData when Wire == WireFormat.WireType.Fixed32: (single ??= []).Add(Input.ReadFloat()); break;
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
        foreach (int field in Fields(EndOfPart()))
            if (field == ShapeDimensions)
                ReadIntegers(extents);
        return extents;
    }

    private float[] ReadPacked(int bytes)
    {
        long length = EndOfPart() - Input.Position;
        if (length % bytes != 0) throw new ModelFormatException(_path, $"an array of {length} bytes is not made of {bytes}-byte numbers");
        var values = new float[length / bytes];
        for (int i = 0; i < values.Length; i++) values[i] = bytes == sizeof(float) ? Input.ReadFloat() : (float)Input.ReadDouble();
        return values;
    }
}
