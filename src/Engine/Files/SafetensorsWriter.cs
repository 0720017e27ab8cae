using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace IlgpuSpp.Engine;

/// <summary>
/// Writes <c>.safetensors</c> files, whole or not at all (<see cref="AtomicFile"/>).
/// </summary>
public static class SafetensorsWriter
{
    private const int PieceFloats = 1 << 18;

    /// <summary>Writes a file.</summary>
    /// <param name="path">The file; one that exists is replaced.</param>
    /// <param name="tensors">The tensors, in this order.</param>
    /// <param name="metadata">The file's <c>__metadata__</c>.</param>
    /// <exception cref="ArgumentException">A name is taken twice or reserved, or a tensor's values do not fit its shape.</exception>
    /// <exception cref="IOException">The disk is full or the folder cannot be written to; the old file is untouched.</exception>
    public static void Write(string path, IReadOnlyList<NamedTensor> tensors, IReadOnlyDictionary<string, string> metadata) =>
        Write(path, tensors, metadata, AtomicFile.Create);

    /// <summary>Writes a file through a stream of the caller's making: tests let it fail.</summary>
    internal static void Write(
        string path, IReadOnlyList<NamedTensor> tensors, IReadOnlyDictionary<string, string> metadata, Func<string, Stream> create)
    {
        byte[] header = Header(tensors, metadata);
        AtomicFile.Write(path, create, stream =>
        {
            stream.Write(header);
            foreach (NamedTensor tensor in tensors)
            {
                if (tensor.Codes is { } codes) stream.Write(MemoryMarshal.AsBytes(codes.Span));
                else WriteFloats(stream, tensor.Values.Span);
            }
        });
    }

    // Length, JSON, spaces up to a multiple of 8, so that the data is aligned.
    private static byte[] Header(IReadOnlyList<NamedTensor> tensors, IReadOnlyDictionary<string, string> metadata)
    {
        var names = new HashSet<string>(StringComparer.Ordinal) { SafetensorsHeader.MetadataName };
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            if (metadata.Count > 0)
            {
                json.WriteStartObject(SafetensorsHeader.MetadataName);
                foreach (var (key, value) in metadata) json.WriteString(key, value);
                json.WriteEndObject();
            }
            long at = 0;
            foreach (NamedTensor tensor in tensors)
            {
                if (tensor.Count != tensor.Shape.Count)
                    throw new ArgumentException($"Tensor '{tensor.Name}' of shape {tensor.Shape} was given {tensor.Count} values.", nameof(tensors));
                WriteEntry(json, names, tensor, ref at);
            }
            json.WriteEndObject();
        }
        int length = (buffer.WrittenCount + 7) / 8 * 8;
        if (length > SafetensorsHeader.LongestHeader)
            throw new ArgumentException($"The header would have {length} bytes; the format allows {SafetensorsHeader.LongestHeader}.", nameof(metadata));
        var header = new byte[8 + length];
        header.AsSpan().Fill((byte)' ');
        BinaryPrimitives.WriteInt64LittleEndian(header, length);
        buffer.WrittenSpan.CopyTo(header.AsSpan(8));
        return header;
    }

    private static void WriteEntry(Utf8JsonWriter json, HashSet<string> names, NamedTensor tensor, ref long at)
    {
        if (!names.Add(tensor.Name)) throw new ArgumentException($"The name '{tensor.Name}' is taken twice or reserved.", nameof(tensor));
        json.WriteStartObject(tensor.Name);
        json.WriteString("dtype", tensor.Codes is null ? "F32" : "I8");
        json.WriteStartArray("shape");
        foreach (int extent in tensor.Shape.ToArray()) json.WriteNumberValue(extent);
        json.WriteEndArray();
        json.WriteStartArray("data_offsets");
        json.WriteNumberValue(at);
        json.WriteNumberValue(at += (tensor.Codes is null ? 4L : 1) * tensor.Count);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteFloats(Stream stream, ReadOnlySpan<float> values)
    {
        for (; !values.IsEmpty; values = values[Math.Min(values.Length, PieceFloats)..])
        {
            ReadOnlySpan<float> piece = values[..Math.Min(values.Length, PieceFloats)];
            if (BitConverter.IsLittleEndian)
            {
                stream.Write(MemoryMarshal.AsBytes(piece));
                continue;
            }
            var swapped = new byte[4 * piece.Length];
            for (int i = 0; i < piece.Length; i++) BinaryPrimitives.WriteSingleLittleEndian(swapped.AsSpan(4 * i), piece[i]);
            stream.Write(swapped);
        }
    }
}

/// <summary>A tensor on its way into a file, as F32 or, where it has <paramref name="Codes"/>, as I8.</summary>
/// <param name="Name">Its name in the file.</param>
/// <param name="Shape">Its extents.</param>
/// <param name="Values">As many values as the shape has elements, row-major.</param>
/// <param name="Codes">Whole numbers in their place.</param>
public readonly record struct NamedTensor(string Name, Shape Shape, ReadOnlyMemory<float> Values, ReadOnlyMemory<sbyte>? Codes = null)
{
    /// <summary>Values given.</summary>
    internal int Count => Codes?.Length ?? Values.Length;
}
