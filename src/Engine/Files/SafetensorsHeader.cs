using System.Buffers.Binary;
using System.Text.Json;
using System.Text.Unicode;
using Microsoft.Win32.SafeHandles;

namespace IlgpuSpp.Engine;

/// <summary>One tensor of a safetensors file: type, extents and where its bytes lie in the file.</summary>
internal sealed record SafetensorsEntry(string Name, string Type, int[] Extents, long Start, long Length)
{
    public long Count => SafetensorsHeader.ElementBytes(Type) is > 0 and var bytes ? Length / bytes : 0;
}

/// <summary>
/// The header of a safetensors file: 8 bytes of length, then JSON that gives every tensor's type, extents and place. All of
/// it is checked before anything is believed: a file may come from anywhere.
/// </summary>
internal sealed class SafetensorsHeader
{
    /// <summary>The format's own bound on the length of a header.</summary>
    public const long LongestHeader = 100_000_000;

    public const string MetadataName = "__metadata__";

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 8 };

    private readonly string _path;

    private SafetensorsHeader(string path) => _path = path;

    public Dictionary<string, string> Metadata { get; } = new(StringComparer.Ordinal);

    /// <summary>The tensors, in the order of their data.</summary>
    public List<SafetensorsEntry> Entries { get; } = [];

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
    /// <param name="file">The open file.</param>
    /// <exception cref="ModelFormatException">The header breaks the format.</exception>
    public static SafetensorsHeader Read(string path, SafeFileHandle file)
    {
        Span<byte> prefix = stackalloc byte[8];
        long total = RandomAccess.GetLength(file);
        if (total < 8) throw new ModelFormatException(path, $"a safetensors file has at least 8 bytes, this one has {total}");
        ReadExactly(path, file, prefix, 0);
        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (length > LongestHeader && Foreign(path, file, total) is { } other) throw new ModelFormatException(path, other);
        if (length > LongestHeader) throw new ModelFormatException(path, $"its header claims {length} bytes, more than the {LongestHeader} that the format allows; it is not a safetensors file");
        if ((long)length > total - 8) throw new ModelFormatException(path, $"its header claims {length} bytes, but only {total - 8} follow; the file is cut off or not a safetensors file");
        var json = new byte[length];
        ReadExactly(path, file, json, 8);
        var header = new SafetensorsHeader(path);
        header.Parse(json, 8 + (long)length, total);
        return header;
    }

    /// <summary>Fills a span from a place in the file.</summary>
    /// <exception cref="ModelFormatException">The file ends before.</exception>
    public static void ReadExactly(string path, SafeFileHandle file, Span<byte> target, long at)
    {
        while (!target.IsEmpty)
        {
            int read = RandomAccess.Read(file, target, at);
            if (read == 0) throw new ModelFormatException(path, "it became shorter while it was read");
            target = target[read..];
            at += read;
        }
    }

    private static string? Foreign(string path, SafeFileHandle file, long total)
    {
        var beginning = new byte[Math.Min(total, ForeignFile.LongestBeginning)];
        ReadExactly(path, file, beginning, 0);
        return ForeignFile.Describe(beginning);
    }

    private void Parse(byte[] json, long dataStart, long total)
    {
        if (json.Length == 0 || json[0] != '{') throw Broken("its header is not a JSON object");
        if (!Utf8.IsValid(json)) throw Broken("its header is not valid UTF-8");
        try
        {
            using var document = JsonDocument.Parse(json, Strict);
            foreach (JsonProperty property in document.RootElement.EnumerateObject())
            {
                if (property.NameEquals(MetadataName)) ReadMetadata(property.Value);
                else Entries.Add(ReadEntry(property.Name, property.Value, dataStart, total));
            }
        }
        catch (JsonException error)
        {
            throw Broken($"its header is not valid JSON ({error.Message.TrimEnd('.')})", error);
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

    private void ReadMetadata(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Object) throw Broken($"{MetadataName} is not an object");
        foreach (JsonProperty property in value.EnumerateObject())
        {
            if (property.Value.ValueKind != JsonValueKind.String) throw Broken($"{MetadataName} entry '{property.Name}' is not a string");
            Metadata.Add(property.Name, property.Value.GetString()!);
        }
    }

    private SafetensorsEntry ReadEntry(string name, JsonElement value, long dataStart, long total)
    {
        if (value.ValueKind != JsonValueKind.Object) throw Broken($"tensor '{name}' is not described by an object");
        string? type = null;
        int[]? extents = null;
        long[]? offsets = null;
        foreach (JsonProperty property in value.EnumerateObject())
        {
            switch (property.Name)
            {
                case "dtype" when property.Value.ValueKind == JsonValueKind.String:
                    type = property.Value.GetString();
                    break;
                case "shape":
                    extents = Array.ConvertAll(ReadNumbers(name, "shape", property.Value, int.MaxValue), extent => (int)extent);
                    break;
                case "data_offsets":
                    offsets = ReadNumbers(name, "data_offsets", property.Value, long.MaxValue);
                    break;
                default:
                    throw Broken($"tensor '{name}' has an unknown or misplaced field '{property.Name}'");
            }
        }
        if (type is null || extents is null || offsets is not { Length: 2 }) throw Broken($"tensor '{name}' needs dtype, shape and two data_offsets");
        int bytes = ElementBytes(type);
        if (bytes == 0) throw Broken($"tensor '{name}' has the unknown type '{type}'");
        if (offsets[1] < offsets[0] || offsets[1] > total - dataStart)
            throw Broken($"tensor '{name}' claims bytes {offsets[0]} to {offsets[1]} of {total - dataStart}");
        if (!Holds(extents, bytes, offsets[1] - offsets[0]))
            throw Broken($"tensor '{name}' of type {type} and shape [{string.Join(", ", extents)}] does not have {offsets[1] - offsets[0]} bytes");
        return new SafetensorsEntry(name, type, extents, dataStart + offsets[0], offsets[1] - offsets[0]);
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

    private long[] ReadNumbers(string name, string field, JsonElement value, long bound)
    {
        if (value.ValueKind != JsonValueKind.Array) throw Broken($"the {field} of tensor '{name}' is not a list");
        var numbers = new long[value.GetArrayLength()];
        int i = 0;
        foreach (JsonElement element in value.EnumerateArray())
        {
            if (element.ValueKind != JsonValueKind.Number || !element.TryGetInt64(out long number) || number < 0 || number > bound)
                throw Broken($"the {field} of tensor '{name}' is not made of whole numbers from 0 to {bound}");
            numbers[i++] = number;
        }
        return numbers;
    }

    private ModelFormatException Broken(string reason, Exception? inner = null) => new(_path, reason, inner);
}
