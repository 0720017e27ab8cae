using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace IlgpuSpp.Engine;

/// <summary>
/// A <c>.safetensors</c> file, or its content in memory, opened for reading. The header is read and checked at once, tensors when they are asked for, in
/// pieces: the file may be larger than memory. Reading from several threads at a time is allowed.
/// </summary>
public sealed class SafetensorsFile : IDisposable
{
    private const int PieceBytes = 1 << 20;

    private readonly string _path;
    private readonly SafeFileHandle? _handle;
    private readonly SafetensorsRead _read;
    private readonly Dictionary<string, SafetensorsEntry> _entries;

    private SafetensorsFile(string path, SafeFileHandle? handle, SafetensorsRead read, long length)
    {
        _path = path;
        _handle = handle;
        _read = read;
        SafetensorsHeader header = SafetensorsHeader.Read(path, read, length);
        Metadata = header.Metadata;
        Names = [.. header.Entries.Select(entry => entry.Name)];
        _entries = header.ByName;
    }

    /// <summary>Names the file in errors: its path, or what its content was called.</summary>
    public string Name => _path;

    /// <summary>The file's <c>__metadata__</c>; empty where it has none.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>The tensors' names, in the order of their data.</summary>
    public ImmutableArray<string> Names { get; }

    /// <summary>Opens a file and checks its header.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="ModelFormatException">The file breaks the format.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static SafetensorsFile Open(string path)
    {
        if (Directory.Exists(path)) throw new FileNotFoundException($"{path}: is a folder; name the model file in it, such as {Path.Combine(path, "best.safetensors")}.");
        if (!File.Exists(path)) throw new FileNotFoundException($"{path}: there is no such model file.");
        // A pipe would hold the caller up until something writes to it.
        if (new FileInfo(path).Length == 0) throw new ModelFormatException(path, "it is empty or no ordinary file, such as a pipe");
        SafeFileHandle handle = File.OpenHandle(path);
        try
        {
            return new SafetensorsFile(path, handle, (target, at) => ReadExactly(path, handle, target, at), RandomAccess.GetLength(handle));
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    /// <summary>Opens the content of a file and checks its header.</summary>
    /// <param name="content">The content, which must not change while it is open.</param>
    /// <param name="name">A name for errors.</param>
    /// <exception cref="ModelFormatException">The content breaks the format.</exception>
    public static SafetensorsFile Open(ReadOnlyMemory<byte> content, string name) => new(name, null, (target, at) => content.Span.Slice((int)at, target.Length).CopyTo(target), content.Length);

    /// <summary>Whether the file has a tensor of this name.</summary>
    /// <param name="name">The tensor's name.</param>
    public bool Contains(string name) => _entries.ContainsKey(name);

    /// <summary>A tensor's extents, outermost first; none for a single number.</summary>
    /// <param name="name">The tensor's name.</param>
    /// <exception cref="ModelFormatException">There is no such tensor.</exception>
    public int[] Shape(string name) => [.. Entry(name).Extents];

    /// <summary>A tensor's type as the format names it, e.g. <c>F32</c>.</summary>
    /// <param name="name">The tensor's name.</param>
    /// <exception cref="ModelFormatException">There is no such tensor.</exception>
    public string Type(string name) => Entry(name).Type;

    /// <summary>A tensor's number of elements.</summary>
    /// <param name="name">The tensor's name.</param>
    /// <exception cref="ModelFormatException">There is no such tensor.</exception>
    public long Count(string name) => Entry(name).Count;

    /// <summary>Reads a tensor of type F32, F16, BF16, F64, I32 or I64 as floats.</summary>
    /// <param name="name">The tensor's name.</param>
    /// <param name="values">Receives exactly the tensor's elements, row-major.</param>
    /// <exception cref="ModelFormatException">There is no such tensor, or its type or length is another.</exception>
    public void ReadFloats(string name, Span<float> values)
    {
        SafetensorsEntry entry = Entry(name);
        if (entry.Count != values.Length)
            throw new ModelFormatException(_path, $"tensor '{name}' has {entry.Count} elements, not {values.Length}");
        if (entry.Type is not ("F32" or "F16" or "BF16" or "F64" or "I32" or "I64"))
            throw new ModelFormatException(_path, $"tensor '{name}' has type {entry.Type}, which is not read as floats");
        int bytes = SafetensorsHeader.ElementBytes(entry.Type);
        byte[] piece = ArrayPool<byte>.Shared.Rent(PieceBytes);
        try
        {
            long at = entry.Start;
            while (!values.IsEmpty)
            {
                int count = Math.Min(values.Length, PieceBytes / bytes);
                Span<byte> raw = piece.AsSpan(0, count * bytes);
                _read(raw, at);
                Convert(entry.Type, raw, values[..count]);
                values = values[count..];
                at += raw.Length;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(piece);
        }
    }

    /// <summary>Reads a tensor of type I8.</summary>
    /// <param name="name">The tensor's name.</param>
    /// <param name="codes">Receives exactly the tensor's elements, row-major.</param>
    /// <exception cref="ModelFormatException">There is no such tensor, or its type or length is another.</exception>
    public void ReadCodes(string name, Span<sbyte> codes)
    {
        SafetensorsEntry entry = Entry(name);
        if (entry.Type != "I8" || entry.Count != codes.Length)
            throw new ModelFormatException(_path, $"tensor '{name}' has {entry.Count} elements of type {entry.Type}, not {codes.Length} of I8");
        _read(MemoryMarshal.AsBytes(codes), entry.Start);
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => _handle?.Dispose();

    private static void ReadExactly(string path, SafeFileHandle file, Span<byte> target, long at)
    {
        while (!target.IsEmpty)
        {
            int read = RandomAccess.Read(file, target, at);
            if (read == 0) throw new ModelFormatException(path, "it became shorter while it was read");
            target = target[read..];
            at += read;
        }
    }

    private static void Convert(string type, ReadOnlySpan<byte> raw, Span<float> values)
    {
        switch (type)
        {
            case "F32" when BitConverter.IsLittleEndian:
                raw.CopyTo(MemoryMarshal.AsBytes(values));
                break;
            case "F32":
                for (int i = 0; i < values.Length; i++) values[i] = BinaryPrimitives.ReadSingleLittleEndian(raw[(4 * i)..]);
                break;
            case "F16":
                for (int i = 0; i < values.Length; i++) values[i] = (float)BinaryPrimitives.ReadHalfLittleEndian(raw[(2 * i)..]);
                break;
            case "BF16":
                for (int i = 0; i < values.Length; i++)
                    values[i] = BitConverter.UInt32BitsToSingle((uint)BinaryPrimitives.ReadUInt16LittleEndian(raw[(2 * i)..]) << 16);
                break;
            case "F64":
                for (int i = 0; i < values.Length; i++) values[i] = (float)BinaryPrimitives.ReadDoubleLittleEndian(raw[(8 * i)..]);
                break;
            case "I32":
                for (int i = 0; i < values.Length; i++) values[i] = BinaryPrimitives.ReadInt32LittleEndian(raw[(4 * i)..]);
                break;
            default:
                for (int i = 0; i < values.Length; i++) values[i] = BinaryPrimitives.ReadInt64LittleEndian(raw[(8 * i)..]);
                break;
        }
    }

    private SafetensorsEntry Entry(string name) =>
        _entries.TryGetValue(name, out SafetensorsEntry? entry) ? entry : throw new ModelFormatException(_path, $"there is no tensor '{name}' in it");
}
