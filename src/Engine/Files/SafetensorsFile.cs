using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace IlgpuSpp.Engine;

/// <summary>
/// An open <c>.safetensors</c> file. The header is checked whole when the file is opened: its length, every type, shape and
/// offset, that tensors neither overlap nor leave holes, and that they end with the file. Values are read on request,
/// so that files larger than memory can be opened.
/// </summary>
public sealed class SafetensorsFile : IDisposable
{
    private readonly FileStream _stream;
    private readonly string _path;
    private readonly SafetensorsHeader _header;

    private SafetensorsFile(FileStream stream, string path, SafetensorsHeader header)
    {
        _stream = stream;
        _path = path;
        _header = header;
    }

    /// <summary>The strings of the header's <c>__metadata__</c>.</summary>
    public IReadOnlyDictionary<string, string> Metadata => _header.Metadata;

    /// <summary>The tensors' names in the order of their data.</summary>
    public IReadOnlyList<string> Names => _header.Names;

    /// <summary>Opens a file.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="ModelFormatException">The file is no safetensors file or is damaged.</exception>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static SafetensorsFile Open(string path)
    {
        if (Directory.Exists(path)) throw new FileNotFoundException($"{path} is a folder; name the model file in it, e.g. {Path.Combine(path, "best.safetensors")}.");
        if (!File.Exists(path)) throw new FileNotFoundException($"{path}: there is no such model file.");
        var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1 << 16);
        try
        {
            return new SafetensorsFile(stream, path, SafetensorsHeader.Read(stream, path));
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <summary>Whether there is a tensor of that name.</summary>
    /// <param name="name">Its name.</param>
    public bool Contains(string name) => _header.Entries.ContainsKey(name);

    /// <summary>A tensor's shape; empty for a scalar.</summary>
    /// <param name="name">Its name.</param>
    /// <exception cref="ModelFormatException">There is none of that name.</exception>
    public int[] Shape(string name) => Entry(name).Shape;

    /// <summary>A tensor's element type as the file names it, e.g. <c>F32</c>.</summary>
    /// <param name="name">Its name.</param>
    /// <exception cref="ModelFormatException">There is none of that name.</exception>
    public string ElementType(string name) => Entry(name).Type;

    /// <summary>Reads a tensor as floats; F64, F16, BF16 and the integers are converted.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="values">Room for exactly its elements.</param>
    /// <exception cref="ModelFormatException">There is none of that name, or the file ends early.</exception>
    /// <exception cref="ArgumentException">The room does not fit.</exception>
    public void ReadFloats(string name, Span<float> values)
    {
        SafetensorsEntry entry = Entry(name);
        if (values.Length != entry.Count) throw new ArgumentException($"Tensor {name} has {entry.Count} elements, not {values.Length}.", nameof(values));
        try
        {
            _stream.Position = _header.DataStart + entry.Start;
            if (entry.Type == "F32")
            {
                _stream.ReadExactly(MemoryMarshal.AsBytes(values));
                return;
            }
            int width = SafetensorsEntry.Width(entry.Type);
            var buffer = new byte[8192 * width];
            for (int done = 0; done < values.Length;)
            {
                int count = Math.Min(8192, values.Length - done);
                _stream.ReadExactly(buffer, 0, count * width);
                for (int i = 0; i < count; i++) values[done + i] = Element(entry.Type, buffer.AsSpan(i * width, width));
                done += count;
            }
        }
        catch (EndOfStreamException error)
        {
            throw new ModelFormatException(_path, $"the file ends inside tensor {name}", error);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _stream.Dispose();

    private static float Element(string type, ReadOnlySpan<byte> bytes) => type switch
    {
        "F64" => (float)BinaryPrimitives.ReadDoubleLittleEndian(bytes),
        "F16" => (float)BinaryPrimitives.ReadHalfLittleEndian(bytes),
        "BF16" => BitConverter.Int32BitsToSingle(BinaryPrimitives.ReadUInt16LittleEndian(bytes) << 16),
        "I64" => BinaryPrimitives.ReadInt64LittleEndian(bytes),
        "I32" => BinaryPrimitives.ReadInt32LittleEndian(bytes),
        "I16" => BinaryPrimitives.ReadInt16LittleEndian(bytes),
        "I8" => (sbyte)bytes[0],
        _ => bytes[0],
    };

    private SafetensorsEntry Entry(string name) =>
        _header.Entries.TryGetValue(name, out SafetensorsEntry? entry) ? entry : throw new ModelFormatException(_path, $"tensor {name} is missing");
}
