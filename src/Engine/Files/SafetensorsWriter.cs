using System.Runtime.InteropServices;
using System.Text.Json;

namespace IlgpuSpp.Engine;

/// <summary>
/// Writes <c>.safetensors</c> files: 8 bytes header length (little-endian), a JSON header padded with spaces to a multiple
/// of 8, then the tensors as little-endian float32 in the order of the list.
/// </summary>
public static class SafetensorsWriter
{
    /// <summary>Writes a file, whole or not at all (<see cref="AtomicFile"/>).</summary>
    /// <param name="path">The file; an existing one is replaced at the end.</param>
    /// <param name="tensors">The tensors.</param>
    /// <param name="metadata">Strings for the header's <c>__metadata__</c>.</param>
    /// <exception cref="ArgumentException">Two tensors have one name, or a tensor's values do not fit its shape.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Write(string path, IReadOnlyList<NamedTensor> tensors, IReadOnlyDictionary<string, string> metadata)
    {
        byte[] header = Header(tensors, metadata);
        AtomicFile.Write(path, stream =>
        {
            Span<byte> length = stackalloc byte[8];
            System.Buffers.Binary.BinaryPrimitives.WriteInt64LittleEndian(length, header.Length);
            stream.Write(length);
            stream.Write(header);
            foreach (NamedTensor tensor in tensors) stream.Write(MemoryMarshal.AsBytes(tensor.Values.Span));
        });
    }

    private static byte[] Header(IReadOnlyList<NamedTensor> tensors, IReadOnlyDictionary<string, string> metadata)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteStartObject("__metadata__");
            foreach ((string key, string value) in metadata.OrderBy(pair => pair.Key, StringComparer.Ordinal)) json.WriteString(key, value);
            json.WriteEndObject();
            long offset = 0;
            foreach (NamedTensor tensor in tensors)
            {
                if (tensor.Name == "__metadata__" || !names.Add(tensor.Name)) throw new ArgumentException($"Two entries are called {tensor.Name}.", nameof(tensors));
                if (tensor.Values.Length != tensor.Shape.Count) throw new ArgumentException($"{tensor.Name} has {tensor.Values.Length} values for shape {tensor.Shape}.", nameof(tensors));
                long end = offset + tensor.Shape.Count * sizeof(float);
                json.WriteStartObject(tensor.Name);
                json.WriteString("dtype", "F32");
                json.WriteStartArray("shape");
                foreach (int extent in tensor.Shape.ToArray()) json.WriteNumberValue(extent);
                json.WriteEndArray();
                json.WriteStartArray("data_offsets");
                json.WriteNumberValue(offset);
                json.WriteNumberValue(end);
                json.WriteEndArray();
                json.WriteEndObject();
                offset = end;
            }
            json.WriteEndObject();
        }
        while (buffer.Length % 8 != 0) buffer.WriteByte((byte)' ');
        return buffer.ToArray();
    }
}
