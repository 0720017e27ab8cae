using System.Buffers.Binary;
using System.Text.Json;
using System.Text.Unicode;

namespace IlgpuSpp.Engine;

/// <summary>One tensor of a safetensors file: type, extents and where its bytes lie in the file.</summary>
internal sealed record SafetensorsEntry(string Name, string Type, int[] Extents, long Start, long Length)
{
    public long Count => SafetensorsHeader.ElementBytes(Type) is > 0 and var bytes ? Length / bytes : 0;
}

/// <summary>Fills a span from a place in a file.</summary>
internal delegate void SafetensorsRead(Span<byte> target, long at);

/// <summary>
/// The header of a safetensors file: 8 bytes of length, then JSON that gives every tensor's type, extents and place. All of
/// it is checked before anything is believed: a file may come from anywhere.
/// </summary>
internal sealed class SafetensorsHeader
{
    /// <summary>The format's own bound on the length of a header.</summary>
    public const long LongestHeader = 100_000_000;

    public const string MetadataName = "__metadata__";

    // More dimensions than anything has; a list of millions would only take memory.
    private const int MostExtents = 64;

    private static readonly JsonReaderOptions Strict = new() { MaxDepth = 8 };

    private readonly string _path;

    private SafetensorsHeader(string path) => _path = path;

    public Dictionary<string, string> Metadata { get; } = new(StringComparer.Ordinal);

    /// <summary>The tensors, in the order of their data.</summary>
    public List<SafetensorsEntry> Entries { get; } = [];

    public Dictionary<string, SafetensorsEntry> ByName { get; } = new(StringComparer.Ordinal);

    /// <summary>Bytes of one element, or 0 for a type that the format does not know.</summary>
    public static int ElementBytes(string type) => type switch
    {
        "F64" or "I64" or "U64" => 8,
        "F32" or "I32" or "U32" => 4,
        "F16" or "BF16" or "I16" or "U16" => 2,
        "I8" or "U8" or "BOOL" or "F8_E4M3" or "F8_E5M2" => 1,
        _ => 0,
    };

    /// <summary>Reads and checks a header.</summary>
    /// <param name="path">Named in errors.</param>
    /// <param name="read">Reads from the open file.</param>
    /// <param name="total">The file's length in bytes.</param>
    /// <exception cref="ModelFormatException">The header breaks the format.</exception>
    public static SafetensorsHeader Read(string path, SafetensorsRead read, long total)
    {
        Span<byte> prefix = stackalloc byte[8];
        if (total < 8) throw new ModelFormatException(path, $"a safetensors file has at least 8 bytes, this one has {total}");
        read(prefix, 0);
        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (length > LongestHeader && Foreign(read, total) is { } other) throw new ModelFormatException(path, other);
        if (length > LongestHeader) throw new ModelFormatException(path, $"its header claims {length} bytes, more than the {LongestHeader} that the format allows; it is not a safetensors file");
        if ((long)length > total - 8) throw new ModelFormatException(path, $"its header claims {length} bytes, but only {total - 8} follow; the file is cut off or not a safetensors file");
        var json = new byte[length];
        read(json, 8);
        var header = new SafetensorsHeader(path);
        header.Parse(json, 8 + (long)length, total);
        return header;
    }

    private static string? Foreign(SafetensorsRead read, long total)
    {
        var beginning = new byte[Math.Min(total, ForeignFile.LongestBeginning)];
        read(beginning, 0);
        return ForeignFile.Describe(beginning);
    }

    private void Parse(byte[] json, long dataStart, long total)
    {
        if (json.Length == 0 || json[0] != '{') throw Broken("its header is not a JSON object");
        if (!Utf8.IsValid(json)) throw Broken("its header is not valid UTF-8");
        try
        {
            // Read token by token: a document of a long header would take many times its length.
            var reader = new Utf8JsonReader(json, Strict);
            bool hasMetadata = false;
            reader.Read();
            while (NextProperty(ref reader) is { } name)
            {
                if (name == MetadataName)
                {
                    if (hasMetadata) throw Twice(name);
                    hasMetadata = true;
                    ReadMetadata(ref reader);
                    continue;
                }
                SafetensorsEntry entry = ReadEntry(name, ref reader, dataStart, total);
                if (!ByName.TryAdd(name, entry)) throw Twice(name);
                Entries.Add(entry);
            }
            // Whatever follows the object is an error.
            reader.Read();
        }
        catch (JsonException error)
        {
            throw Broken(FormattableString.Invariant($"its header is not valid JSON at line {(error.LineNumber ?? 0) + 1}, byte {(error.BytePositionInLine ?? 0) + 1}"), error);
        }
        catch (InvalidOperationException error)
        {
            // Escapes of half a surrogate pair pass the parser but give no text.
            throw Broken("its header holds text that is not valid Unicode", error);
        }
        Entries.Sort((a, b) => a.Start != b.Start ? a.Start.CompareTo(b.Start) : a.Length.CompareTo(b.Length));
        long at = dataStart;
        foreach (SafetensorsEntry entry in Entries)
        {
            if (entry.Start < at) throw Broken($"the data of tensor '{entry.Name}' overlaps another tensor's");
            if (entry.Start > at) throw Broken($"{entry.Start - at} bytes before the data of tensor '{entry.Name}' belong to no tensor");
            at += entry.Length;
        }
        if (at != total) throw Broken($"{total - at} bytes at the end belong to no tensor");
    }

    // The name of an object's next property, with the reader at its value; null at the end of the object.
    private static string? NextProperty(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.PropertyName) return null;
        string name = reader.GetString()!;
        reader.Read();
        return name;
    }

    private void ReadMetadata(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject) throw Broken($"{MetadataName} is not an object");
        while (NextProperty(ref reader) is { } name)
        {
            if (reader.TokenType != JsonTokenType.String) throw Broken($"{MetadataName} entry '{name}' is not a string");
            if (!Metadata.TryAdd(name, reader.GetString()!)) throw Twice(name);
        }
    }

    private SafetensorsEntry ReadEntry(string name, ref Utf8JsonReader reader, long dataStart, long total)
    {
        if (reader.TokenType != JsonTokenType.StartObject) throw Broken($"tensor '{name}' is not described by an object");
        string? type = null;
        int[]? extents = null;
        int offsets = 0;
        long start = 0, end = 0;
        Span<long> numbers = stackalloc long[MostExtents];
        while (NextProperty(ref reader) is { } field)
        {
            if (field switch { "dtype" => type is not null, "shape" => extents is not null, "data_offsets" => offsets > 0, _ => false }) throw Twice(field);
            switch (field)
            {
                case "dtype" when reader.TokenType == JsonTokenType.String:
                    string text = reader.GetString()!;
                    // One text for all tensors of a type.
                    type = string.IsInterned(text) ?? text;
                    break;
                case "shape":
                    extents = new int[ReadNumbers(name, "shape", ref reader, int.MaxValue, numbers)];
                    for (int i = 0; i < extents.Length; i++) extents[i] = (int)numbers[i];
                    break;
                case "data_offsets":
                    offsets = ReadNumbers(name, "data_offsets", ref reader, long.MaxValue, numbers);
                    (start, end) = (numbers[0], numbers[1]);
                    break;
                default:
                    throw Broken($"tensor '{name}' has an unknown or misplaced field '{field}'");
            }
        }
        if (type is null || extents is null || offsets != 2) throw Broken($"tensor '{name}' needs dtype, shape and two data_offsets");
        int bytes = ElementBytes(type);
        if (bytes == 0) throw Broken($"tensor '{name}' has the unknown type '{type}'");
        if (end < start || end > total - dataStart)
            throw Broken($"tensor '{name}' claims bytes {start} to {end} of {total - dataStart}");
        if (!Holds(extents, bytes, end - start))
            throw Broken($"tensor '{name}' of type {type} and shape [{string.Join(", ", extents)}] does not have {end - start} bytes");
        return new SafetensorsEntry(name, type, extents, dataStart + start, end - start);
    }

    // Whether the extents' product is the length, without overflow on the way.
    private static bool Holds(int[] extents, int elementBytes, long length)
    {
        if (Array.IndexOf(extents, 0) >= 0) return length == 0;
        long bytes = elementBytes;
        foreach (int extent in extents)
        {
            if (bytes > length / extent) return false;
            bytes *= extent;
        }
        return bytes == length;
    }

    // Fills the beginning of a span and says how many numbers there are.
    private int ReadNumbers(string name, string field, ref Utf8JsonReader reader, long bound, scoped Span<long> numbers)
    {
        if (reader.TokenType != JsonTokenType.StartArray) throw Broken($"the {field} of tensor '{name}' is not a list");
        int count = 0;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out long number) || number < 0 || number > bound)
                throw Broken($"the {field} of tensor '{name}' is not made of whole numbers from 0 to {bound}");
            if (count == numbers.Length) throw Broken($"the {field} of tensor '{name}' has more than {numbers.Length} numbers");
            numbers[count++] = number;
        }
        return count;
    }

    private ModelFormatException Twice(string name) => Broken($"its header is not valid JSON (it has '{name}' twice in one object)");

    private ModelFormatException Broken(string reason, Exception? inner = null) => new(_path, reason, inner);
}
