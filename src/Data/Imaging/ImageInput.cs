namespace IlgpuSpp.Data.Imaging;

/// <summary>
/// An image as programs have it: the path of a file, its encoded bytes, a stream of them, or decoded pixels. What is encoded is decoded when it is used, at a part of its size where that is
/// enough. Paths, byte arrays, streams and <see cref="RgbImage"/> convert by themselves. Thread-safe, but for streams: they are read once.
/// </summary>
public sealed class ImageInput
{
    private readonly ReadOnlyMemory<byte> _encoded;
    private readonly Stream? _stream;
    private readonly RgbImage? _image;
    private readonly string? _path;

    /// <summary>A file; the format is told by its content.</summary>
    /// <param name="path">Its path.</param>
    public ImageInput(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        Name = _path = path;
    }

    /// <summary>The content of an image file.</summary>
    /// <param name="encoded">The content.</param>
    /// <param name="name">A name for error messages, or by which windows are looked up; null for none.</param>
    public ImageInput(ReadOnlyMemory<byte> encoded, string? name = null) => (_encoded, Name) = (encoded, name);

    /// <summary>A stream with the content of an image file, read from where it stands to its end when the image is used, and left open.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="name">As above.</param>
    public ImageInput(Stream stream, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        (_stream, Name) = (stream, name);
    }

    /// <summary>Decoded pixels; of other layouts than RGB see <see cref="RgbImage.FromPixels"/>.</summary>
    /// <param name="image">The image.</param>
    /// <param name="name">As above.</param>
    public ImageInput(RgbImage image, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(image);
        (_image, Name) = (image, name);
    }

    /// <summary>The path, or the name that it was given; null for none.</summary>
    public string? Name { get; }

    /// <summary>A file.</summary>
    /// <param name="path">Its path.</param>
    public static implicit operator ImageInput(string path) => new(path);

    /// <summary>The content of an image file.</summary>
    /// <param name="encoded">The content.</param>
    public static implicit operator ImageInput(byte[] encoded) => new(encoded);

    /// <inheritdoc cref="op_Implicit(byte[])"/>
    public static implicit operator ImageInput(ReadOnlyMemory<byte> encoded) => new(encoded);

    /// <summary>A stream with the content of an image file.</summary>
    /// <param name="stream">The stream.</param>
    public static implicit operator ImageInput(Stream stream) => new(stream);

    /// <summary>Decoded pixels.</summary>
    /// <param name="image">The image.</param>
    public static implicit operator ImageInput(RgbImage image) => new(image);

    /// <summary>The image, upright.</summary>
    /// <param name="leastSide">As in <see cref="ImageDecoder.Decode"/>.</param>
    /// <exception cref="DataFormatException">The data is not an image, is damaged, or exceeds the decoder's limits.</exception>
    /// <exception cref="IOException">The data cannot be read.</exception>
    public RgbImage Load(int leastSide = 0)
    {
        if (_image is not null) return _image;
        if (_path is not null) return ImageDecoder.DecodeFile(_path, leastSide: leastSide);
        if (_stream is null) return ImageDecoder.Decode(_encoded.Span, name: Name, leastSide: leastSide);
        using var content = new MemoryStream();
        _stream.CopyTo(content);
        return Decode(content, leastSide);
    }

    /// <summary>The image, upright; files and streams are read without holding a thread.</summary>
    /// <param name="leastSide">As in <see cref="ImageDecoder.Decode"/>.</param>
    /// <param name="cancellation">Ends reading.</param>
    /// <exception cref="DataFormatException">The data is not an image, is damaged, or exceeds the decoder's limits.</exception>
    /// <exception cref="IOException">The data cannot be read.</exception>
    public async Task<RgbImage> LoadAsync(int leastSide = 0, CancellationToken cancellation = default)
    {
        cancellation.ThrowIfCancellationRequested();
        if (_path is null && _stream is null) return Load(leastSide);
        if (_path is not null)
        {
            if (!ImageDecoder.IsOrdinary(_path)) throw ImageDecoder.Extraordinary(_path);
            byte[] encoded = await File.ReadAllBytesAsync(_path, cancellation).ConfigureAwait(false);
            return ImageDecoder.Decode(encoded, name: _path, leastSide: leastSide);
        }
        using var content = new MemoryStream();
        await _stream!.CopyToAsync(content, cancellation).ConfigureAwait(false);
        cancellation.ThrowIfCancellationRequested();
        return Decode(content, leastSide);
    }

    private RgbImage Decode(MemoryStream content, int leastSide) => ImageDecoder.Decode(content.GetBuffer().AsSpan(0, (int)content.Length), name: Name, leastSide: leastSide);
}
