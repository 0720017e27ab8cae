namespace IlgpuSpp.Models;

/// <summary>Where a model file's content comes from: a path, a stream, or bytes in memory such as a resource of the program. Paths, byte arrays and streams convert by themselves.</summary>
public sealed class ModelSource
{
    private readonly string? _path;
    private readonly Func<ReadOnlyMemory<byte>>? _read;

    /// <summary>A file.</summary>
    /// <param name="path">Its path.</param>
    public ModelSource(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        _path = path;
        Name = path;
    }

    /// <summary>The content of a file in memory.</summary>
    /// <param name="content">The content, which must not change while the model is loaded.</param>
    /// <param name="name">A name for error messages.</param>
    public ModelSource(ReadOnlyMemory<byte> content, string name = "the model in memory") => (_read, Name) = (() => content, name);

    /// <summary>A stream with the content of a file, read from where it stands to its end when the model is loaded, and left open. Up to 2 GB; larger models are loaded from a path.</summary>
    /// <param name="stream">The stream; every load reads on.</param>
    /// <param name="name">A name for error messages.</param>
    public ModelSource(Stream stream, string name = "the model's stream")
    {
        ArgumentNullException.ThrowIfNull(stream);
        _read = () =>
        {
            using var content = new MemoryStream();
            stream.CopyTo(content);
            return content.GetBuffer().AsMemory(0, (int)content.Length);
        };
        Name = name;
    }

    /// <summary>A name for error messages: the path where there is one.</summary>
    public string Name { get; }

    /// <summary>A file.</summary>
    /// <param name="path">Its path.</param>
    public static implicit operator ModelSource(string path) => new(path);

    /// <summary>The content of a file in memory.</summary>
    /// <param name="content">The content.</param>
    public static implicit operator ModelSource(byte[] content) => new(content);

    /// <inheritdoc cref="op_Implicit(byte[])"/>
    public static implicit operator ModelSource(ReadOnlyMemory<byte> content) => new(content);

    /// <summary>A stream with the content of a file.</summary>
    /// <param name="stream">The stream.</param>
    public static implicit operator ModelSource(Stream stream) => new(stream);

    /// <summary>Opens the file and checks its header.</summary>
    /// <exception cref="ModelFormatException">The content breaks the format.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public SafetensorsFile Open() => _path is not null ? SafetensorsFile.Open(_path) : SafetensorsFile.Open(_read!(), Name);
}
