using System.Buffers.Binary;
using System.Text;
using System.Text.Json;

namespace IlgpuSpp.Engine;

/// <summary>The header of a safetensors file, read and checked before anything is allocated by its numbers.</summary>
internal sealed class SafetensorsHeader
{
    /// <summary>The format's own limit for a header.</summary>
    private const long MaxHeaderBytes = 100_000_000;

    private SafetensorsHeader(long dataStart, Dictionary<string, string> metadata, List<SafetensorsEntry> entries)
    {
        DataStart = dataStart;
        Metadata = metadata;
        Names = [.. entries.Select(entry => entry.Name)];
        Entries = entries.ToDictionary(entry => entry.Name, StringComparer.Ordinal);
    }

    public long DataStart { get; }

    public IReadOnlyDictionary<string, string> Metadata { get; }

    public IReadOnlyList<string> Names { get; }

    public IReadOnlyDictionary<string, SafetensorsEntry> Entries { get; }

    public static SafetensorsHeader Read(Stream stream, string path)
    {
        long fileLength = stream.Length;
        if (fileLength < 8) throw new ModelFormatException(path, $"the file has {fileLength} bytes, too few for a safetensors file");
        Span<byte> prefix = stackalloc byte[8];
        stream.ReadExactly(prefix);
        long length = BinaryPrimitives.ReadInt64LittleEndian(prefix);
        if (length < 2 || length > MaxHeaderBytes || length > fileLength - 8)
            throw new ModelFormatException(path, $"not a safetensors file, or cut short: its header claims {(ulong)length} bytes of a file of {fileLength}");
        var text = new byte[length];
        stream.ReadExactly(text);
        long dataStart = 8 + length;
        try
        {
            return Parse(text, dataStart, fileLength - dataStart, path);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or OverflowException or DecoderFallbackException)
        {
            throw new ModelFormatException(path, $"the header is not readable ({error.Message.TrimEnd('.')})", error);
        }
    }

    private static SafetensorsHeader Parse(byte[] text, long dataStart, long dataLength, string path)
    {
        // Rejects invalid UTF-8, which the JSON reader would let pass inside strings.
        _ = new UTF8Encoding(false, throwOnInvalidBytes: true).GetCharCount(text);
        using JsonDocument document = JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = 8 });
        if (document.RootElement.ValueKind != JsonValueKind.Object) throw new ModelFormatException(path, "the header is no JSON object");

        var metadata = new Dictionary<string, string>(StringComparer.Ordinal);
        var entries = new List<SafetensorsEntry>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (JsonProperty property in document.RootElement.EnumerateObject())
        {
            if (!names.Add(property.Name)) throw new ModelFormatException(path, $"the header names {property.Name} twice");
            if (property.Name == "__metadata__") ReadMetadata(property.Value, metadata, path);
            else entries.Add(ReadEntry(property, path));
        }
        entries.Sort((a, b) => a.Start != b.Start ? a.Start.CompareTo(b.Start) : a.End.CompareTo(b.End));
        long expected = 0;
        foreach (SafetensorsEntry entry in entries)
        {
            if (entry.Start != expected)
                throw new ModelFormatException(path, $"tensor {entry.Name} starts at byte {entry.Start} of the data, where {expected} was expected: tensors overlap or leave a hole");
            expected = entry.End;
        }
        if (expected != dataLength)
            throw new ModelFormatException(path, $"the tensors need {expected} bytes of data, the file has {dataLength}: it was cut short or has something appended");
        return new SafetensorsHeader(dataStart, metadata, entries);
    }

    private static void ReadMetadata(JsonElement value, Dictionary<string, string> metadata, string path)
    {
        if (value.ValueKind != JsonValueKind.Object) throw new ModelFormatException(path, "__metadata__ is no JSON object");
        foreach (JsonProperty item in value.EnumerateObject())
            if (item.Value.ValueKind != JsonValueKind.String || !metadata.TryAdd(item.Name, item.Value.GetString()!))
                throw new ModelFormatException(path, $"__metadata__ entry {item.Name} is no string or stands twice");
    }

    private static SafetensorsEntry ReadEntry(JsonProperty property, string path)
    {
        string name = property.Name;
        if (property.Value.ValueKind != JsonValueKind.Object ||
            !property.Value.TryGetProperty("dtype", out JsonElement type) || type.ValueKind != JsonValueKind.String ||
            !property.Value.TryGetProperty("shape", out JsonElement shape) || shape.ValueKind != JsonValueKind.Array ||
            !property.Value.TryGetProperty("data_offsets", out JsonElement offsets) || offsets.ValueKind != JsonValueKind.Array || offsets.GetArrayLength() != 2)
            throw new ModelFormatException(path, $"tensor {name} lacks a dtype, shape or pair of data_offsets");
        int width = SafetensorsEntry.Width(type.GetString()!);
        if (width == 0) throw new ModelFormatException(path, $"tensor {name} has type {type.GetString()}, which is not supported");

        var extents = new List<int>();
        long count = 1;
        foreach (JsonElement item in shape.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.Number || !item.TryGetInt32(out int extent) || extent < 0)
                throw new ModelFormatException(path, $"tensor {name} has the extent {item}, which is not between 0 and {int.MaxValue}");
            extents.Add(extent);
            count = checked(count * extent);
        }
        if (offsets[0].ValueKind != JsonValueKind.Number || offsets[1].ValueKind != JsonValueKind.Number ||
            !offsets[0].TryGetInt64(out long start) || !offsets[1].TryGetInt64(out long end) || start < 0 || end < start)
            throw new ModelFormatException(path, $"tensor {name} has the data_offsets {offsets}, which are no range");
        if (end - start != checked(count * width))
            throw new ModelFormatException(path, $"tensor {name} of shape [{string.Join(", ", extents)}] needs {count * width} bytes, its data_offsets span {end - start}");
        return new SafetensorsEntry(name, type.GetString()!, [.. extents], start, end);
    }
}
