using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using Google.Protobuf;

namespace IlgpuSpp.Models;

/// <summary>
/// Reads ONNX files (onnx.proto: ModelProto). Data outside the file is read from its own folder only.
/// </summary>
internal sealed class OnnxReader : WireReader
{
    // Numbers of onnx.proto: data types of TensorProto, and where a tensor's data lies.
    private const int Float = 1, Int32 = 6, Int64 = 7, Bool = 9, Float16 = 10, Double = 11, BFloat16 = 16;
    private const long External = 1;

    private readonly string _path;
    private readonly byte[] _bytes;
    private readonly OnnxDocument _document;

    private OnnxReader(string path, byte[] bytes)
        : base(path, "an ONNX file", new CodedInputStream(bytes), bytes.Length)
    {
        _path = path;
        _bytes = bytes;
        _document = new OnnxDocument(path);
    }

    /// <summary>Reads a file.</summary>
    /// <exception cref="ModelFormatException">It is cut off, no ONNX file, or holds what cannot be read.</exception>
    public static OnnxDocument Read(string path)
    {
        var file = new FileInfo(path);
        if (!file.Exists) throw new FileNotFoundException($"{path}: there is no such file.");
        if (file.Length == 0) throw new ModelFormatException(path, "the file is empty");
        if (file.Length > Array.MaxLength) throw new ModelFormatException(path, $"it has {file.Length:N0} bytes; an ONNX file has at most 2 GB, with larger weights in files of their own");
        using var reader = new OnnxReader(path, File.ReadAllBytes(path));
        OnnxDocument document = reader.Read(reader.ReadModel);
        return document.Operations.Count > 0 || document.Constants.Count > 0 ? document : throw new ModelFormatException(path, "it holds no graph; is it an .onnx file?");
    }

    private OnnxDocument ReadModel()
    {
        foreach (int field in Fields(Length))
            switch (field)
            {
                case 7 when IsPart: ReadGraph(EndOfPart()); break;
                case 8 when IsPart: ReadOperatorSet(EndOfPart()); break;
                case 14 when IsPart:
                    (string key, string value) = ReadEntry(EndOfPart());
                    _document.Metadata[key] = value;
                    break;
            }
        return _document;
    }

    private void ReadOperatorSet(long end)
    {
        string domain = "";
        long version = 0;
        foreach (int field in Fields(end))
            switch (field)
            {
                case 1 when IsPart: domain = Input.ReadString(); break;
                case 2 when !IsPart: version = Input.ReadInt64(); break;
            }
        if (domain is "" or "ai.onnx") _document.OperatorSet = version;
    }

    private (string Key, string Value) ReadEntry(long end)
    {
        string key = "", value = "";
        foreach (int field in Fields(end))
            switch (field)
            {
                case 1 when IsPart: key = Input.ReadString(); break;
                case 2 when IsPart: value = Input.ReadString(); break;
            }
        return (key, value);
    }

    private void ReadGraph(long end)
    {
        foreach (int field in Fields(end))
            switch (field)
            {
                case 1 when IsPart: _document.Operations.Add(ReadOperation(EndOfPart())); break;
                case 5 when IsPart:
                    (string name, OnnxArray array) = ReadTensor(EndOfPart());
                    _document.Constants[name] = array;
                    break;
                case 11 when IsPart: _document.Inputs.Add(ReadDeclared(EndOfPart())); break;
                case 12 when IsPart: _document.Outputs.Add(ReadDeclared(EndOfPart())); break;
                case 15 when IsPart: throw new ModelFormatException(_path, "it holds sparse constants, which cannot be imported");
            }
    }

    private OnnxOperation ReadOperation(long end)
    {
        List<string> inputs = [], outputs = [];
        string name = "", type = "";
        var attributes = new Dictionary<string, object>(StringComparer.Ordinal);
        foreach (int field in Fields(end))
            switch (field)
            {
                case 1 when IsPart: inputs.Add(Input.ReadString()); break;
                case 2 when IsPart: outputs.Add(Input.ReadString()); break;
                case 3 when IsPart: name = Input.ReadString(); break;
                case 4 when IsPart: type = Input.ReadString(); break;
                case 5 when IsPart:
                    (string key, object? value) = ReadAttribute(EndOfPart());
                    if (value is not null) attributes[key] = value;
                    break;
            }
        return new OnnxOperation(_path, type, name, inputs, outputs, attributes);
    }

    // Values of type float, long, string, long[], float[] or OnnxArray; null for what no operator of a network has.
    private (string Name, object? Value) ReadAttribute(long end)
    {
        string name = "";
        object? value = null;
        List<float> floats = [];
        List<long> integers = [];
        long type = 0;
        foreach (int field in Fields(end))
            switch (field)
            {
                case 1 when IsPart: name = Input.ReadString(); break;
                case 2 when Wire == WireFormat.WireType.Fixed32: value = Input.ReadFloat(); break;
                case 3 when Wire == WireFormat.WireType.Varint: value = Input.ReadInt64(); break;
                case 4 when IsPart: value = Input.ReadBytes().ToStringUtf8(); break;
                case 5 when IsPart: value = ReadTensor(EndOfPart()).Array; break;
                case 7: ReadFloats(floats); break;
                case 8: ReadIntegers(integers); break;
                case 20 when Wire == WireFormat.WireType.Varint: type = Input.ReadInt64(); break;
            }
        // Files before version 3 name no type; an empty list is told from nothing by it.
        if (floats.Count > 0 || type == 6) return (name, floats.ToArray());
        if (integers.Count > 0 || type == 7) return (name, integers.ToArray());
        // Zero and the empty text may be left out of a file.
        return (name, value ?? type switch { 1 => 0f, 2 => 0L, 3 => "", _ => null });
    }

    private OnnxDeclared ReadDeclared(long end)
    {
        string name = "";
        List<long?> extents = [];
        foreach (int field in Fields(end))
            switch (field)
            {
                case 1 when IsPart: name = Input.ReadString(); break;
                // ValueInfoProto.type, TypeProto.tensor_type, Tensor.shape, TensorShapeProto.dim.
                case 2 when IsPart: Inside(EndOfPart(), 1, tensor => Inside(tensor, 2, shape => Inside(shape, 1, dimension => extents.Add(ReadExtent(dimension))))); break;
            }
        return new OnnxDeclared(name, extents);
    }

    private void Inside(long end, int number, Action<long> read)
    {
        foreach (int field in Fields(end))
            if (field == number && IsPart)
                read(EndOfPart());
    }

    private long? ReadExtent(long end)
    {
        long? extent = null;
        foreach (int field in Fields(end))
            if (field == 1 && Wire == WireFormat.WireType.Varint)
                extent = Input.ReadInt64();
        return extent > 0 ? extent : null;
    }

    private (string Name, OnnxArray Array) ReadTensor(long end)
    {
        string name = "";
        List<long> extents = [], integers = [];
        List<float> floats = [];
        var external = new Dictionary<string, string>(StringComparer.Ordinal);
        int type = 0;
        long location = 0;
        ReadOnlyMemory<byte>? raw = null;
        foreach (int field in Fields(end))
            switch (field)
            {
                case 1: ReadIntegers(extents); break;
                case 2 when Wire == WireFormat.WireType.Varint: type = Input.ReadInt32(); break;
                case 4: ReadFloats(floats); break;
                case 5 or 7: ReadIntegers(integers); break;
                case 8 when IsPart: name = Input.ReadString(); break;
                case 9 when IsPart:
                    int last = (int)EndOfPart(), first = (int)Input.Position;
                    raw = _bytes.AsMemory(first..last);
                    GoOn(new CodedInputStream(_bytes, last, _bytes.Length - last));
                    break;
                case 10 when IsPart: ReadDoubles(floats); break;
                case 13 when IsPart:
                    (string key, string value) = ReadEntry(EndOfPart());
                    external[key] = value;
                    break;
                case 14 when Wire == WireFormat.WireType.Varint: location = Input.ReadInt64(); break;
            }
        long count = extents.Aggregate(1L, (product, extent) => extent is >= 0 and <= int.MaxValue && product is >= 0 and <= int.MaxValue ? product * extent : -1);
        if (location == External) raw = new OnnxExternalData(_path, name, external).Read();
        float[]? numbers = null;
        long[]? whole = null;
        if (raw is { } bytes)
        {
            int size = type switch { Float or Int32 => 4, Int64 or Double => 8, Float16 or BFloat16 => 2, Bool => 1, _ => throw Unknown(name, type) };
            if (count < 0 || bytes.Length != count * size) throw Unequal(name, extents, $"{bytes.Length} bytes");
            if (type is Float or Float16 or BFloat16 or Double) numbers = Numbers(bytes.Span, type, (int)count);
            else whole = Integers(bytes.Span, type, (int)count);
        }
        else if (type is Int32 or Int64 or Bool) whole = [.. integers];
        else if (type is Float or Double) numbers = [.. floats];
        // Half-precision numbers lie in the list of whole ones, by their bits.
        else if (type == Float16) numbers = [.. integers.Select(bits => (float)BitConverter.UInt16BitsToHalf((ushort)bits))];
        else if (type == BFloat16) numbers = [.. integers.Select(bits => BitConverter.Int32BitsToSingle((int)bits << 16))];
        else throw Unknown(name, type);
        var array = new OnnxArray(extents, numbers, whole);
        return array.Count == count ? (name, array) : throw Unequal(name, extents, $"{array.Count} values");
    }

    private static float[] Numbers(ReadOnlySpan<byte> bytes, int type, int count)
    {
        var values = new float[count];
        if (type == Float && BitConverter.IsLittleEndian)
        {
            MemoryMarshal.Cast<byte, float>(bytes).CopyTo(values);
            return values;
        }
        for (int i = 0; i < count; i++)
            values[i] = type switch
            {
                Float => BinaryPrimitives.ReadSingleLittleEndian(bytes[(4 * i)..]),
                Double => (float)BinaryPrimitives.ReadDoubleLittleEndian(bytes[(8 * i)..]),
                Float16 => (float)BinaryPrimitives.ReadHalfLittleEndian(bytes[(2 * i)..]),
                _ => BitConverter.Int32BitsToSingle(BinaryPrimitives.ReadUInt16LittleEndian(bytes[(2 * i)..]) << 16),
            };
        return values;
    }

    private static long[] Integers(ReadOnlySpan<byte> bytes, int type, int count)
    {
        var values = new long[count];
        for (int i = 0; i < count; i++)
            values[i] = type switch
            {
                Int64 => BinaryPrimitives.ReadInt64LittleEndian(bytes[(8 * i)..]),
                Int32 => BinaryPrimitives.ReadInt32LittleEndian(bytes[(4 * i)..]),
                _ => bytes[i],
            };
        return values;
    }

    private void ReadFloats(List<float> values)
    {
        if (!IsPart)
        {
            values.Add(Input.ReadFloat());
            return;
        }
        long end = EndOfPart();
        values.EnsureCapacity(values.Count + (int)(end - Input.Position) / sizeof(float));
        while (Input.Position < end) values.Add(Input.ReadFloat());
    }

    private void ReadDoubles(List<float> values)
    {
        for (long end = EndOfPart(); Input.Position < end;) values.Add((float)Input.ReadDouble());
    }

    private ModelFormatException Unknown(string name, int type) => new(_path, string.Create(CultureInfo.InvariantCulture, $"constant '{name}' is of data type {type}; those of single, double and half precision and of whole numbers can be read"));

    private ModelFormatException Unequal(string name, List<long> extents, string held) => new(_path, $"constant '{name}' of shape [{string.Join(", ", extents)}] has {held}");
}

/// <summary>Where the data of a constant lies outside of the ONNX file (onnx.proto: TensorProto.external_data).</summary>
internal sealed class OnnxExternalData(string path, string name, IReadOnlyDictionary<string, string> entries)
{
    /// <summary>Reads the data.</summary>
    /// <exception cref="ModelFormatException">The file lies outside of the network's folder, is missing, or shorter than it should be.</exception>
    public byte[] Read()
    {
        string location = entries.GetValueOrDefault("location") ?? throw Error("names no file");
        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!, file = Path.GetFullPath(Path.Combine(folder, location));
        if (Path.IsPathRooted(location) || !IsInside(folder, file) || LeadsOutside(folder, file))
            throw Error($"points to '{location}', outside of the folder of the network; only files beside it are read");
        if (!File.Exists(file)) throw Error($"is in '{location}', which is not there; keep it beside the network");
        using FileStream stream = File.OpenRead(file);
        long offset = Number("offset", 0), length = Number("length", stream.Length - offset);
        if (offset < 0 || length < 0 || length > Array.MaxLength || offset > stream.Length - length) throw Error($"asks for bytes {offset} to {offset + length} of '{location}', which has {stream.Length}");
        var bytes = new byte[length];
        stream.Position = offset;
        stream.ReadExactly(bytes);
        return bytes;
    }

    private static bool IsInside(string folder, string file) => file.StartsWith(Path.TrimEndingDirectorySeparator(folder) + Path.DirectorySeparatorChar, StringComparison.Ordinal);

    // A link on the way may lead anywhere.
    private static bool LeadsOutside(string folder, string file)
    {
        for (string part = file; part.Length > folder.Length; part = Path.GetDirectoryName(part)!)
            if (File.ResolveLinkTarget(part, returnFinalTarget: true) is { } target && !IsInside(folder, target.FullName))
                return true;
        return false;
    }

    private long Number(string key, long otherwise) => !entries.TryGetValue(key, out string? text)
        ? otherwise
        : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number : throw Error($"has the {key} '{text}'");

    private ModelFormatException Error(string reason) => new(path, $"the data of constant '{name}' {reason}");
}
