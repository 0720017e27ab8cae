namespace IlgpuSpp.Engine;

/// <summary>
/// A dense tensor in the memory of one backend: float32 for maps (NHWC), weights and gradients, int32 for labels, places of
/// maxima and windows. A view shares the memory of the tensor it was made from and must not outlive it; only the tensor that
/// was allocated gives memory back.
/// </summary>
/// <typeparam name="T"><see cref="float"/> or <see cref="int"/>.</typeparam>
public sealed class Tensor<T> : IDisposable
    where T : unmanaged
{
    private readonly bool _owns;

    /// <summary>Wraps a buffer. Backends call this; others use <see cref="Backend.Allocate{T}"/>.</summary>
    /// <param name="buffer">The memory.</param>
    /// <param name="offset">First element inside the buffer.</param>
    /// <param name="shape">The tensor's shape.</param>
    /// <param name="ownsBuffer">Whether disposing the tensor disposes the buffer.</param>
    /// <exception cref="ArgumentException">The shape does not fit into the buffer.</exception>
    public Tensor(DeviceBuffer buffer, long offset, Shape shape, bool ownsBuffer)
    {
        if (offset < 0 || offset + shape.Count > buffer.Length)
            throw new ArgumentException($"A tensor of {shape} at offset {offset} does not fit into a buffer of {buffer.Length} elements.");
        Buffer = buffer;
        Offset = offset;
        Shape = shape;
        _owns = ownsBuffer;
    }

    /// <summary>The memory.</summary>
    public DeviceBuffer Buffer { get; }

    /// <summary>First element inside <see cref="Buffer"/>.</summary>
    public long Offset { get; }

    /// <summary>The extents.</summary>
    public Shape Shape { get; }

    /// <summary>Number of elements.</summary>
    public long Count => Shape.Count;

    /// <summary>The backend that holds the memory.</summary>
    public Backend Backend => Buffer.Owner;

    /// <summary>A tensor of another shape over the same memory.</summary>
    /// <param name="shape">The view's shape.</param>
    /// <param name="offset">The view's first element, counted from this tensor's first.</param>
    /// <exception cref="ArgumentException">The view reaches past this tensor.</exception>
    public Tensor<T> View(Shape shape, long offset = 0)
    {
        if (offset < 0 || offset + shape.Count > Count)
            throw new ArgumentException($"A view of {shape} at {offset} reaches past a tensor of {Shape}.");
        return new Tensor<T>(Buffer, Offset + offset, shape, ownsBuffer: false);
    }

    /// <summary>Copies values from host memory to the device.</summary>
    /// <param name="values">Exactly <see cref="Count"/> values in row-major order.</param>
    public void Upload(ReadOnlySpan<T> values) => Backend.Upload(values, this);

    /// <summary>Copies the values to host memory, after all work queued on the backend is done.</summary>
    /// <param name="values">Receives exactly <see cref="Count"/> values in row-major order.</param>
    public void Download(Span<T> values) => Backend.Download(this, values);

    /// <summary>The values in a new array, row-major.</summary>
    public T[] ToArray()
    {
        var values = new T[Count];
        Download(values);
        return values;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_owns) Buffer.Dispose();
    }

    /// <summary>The type and shape, for debugging.</summary>
    public override string ToString() => $"Tensor<{typeof(T).Name}> {Shape}";
}

/// <summary>
/// A block of device memory, counted in 4-byte elements. Backends derive from it; everyone else only passes it on.
/// Disposing it gives the block back to its backend's pool.
/// </summary>
public abstract class DeviceBuffer : IDisposable
{
    private long _writes;

    /// <summary>Creates the buffer.</summary>
    /// <param name="owner">The backend whose memory this is.</param>
    /// <param name="length">Length in 4-byte elements.</param>
    protected DeviceBuffer(Backend owner, long length)
    {
        Owner = owner;
        Length = length;
    }

    /// <summary>The backend whose memory this is.</summary>
    public Backend Owner { get; }

    /// <summary>Length in 4-byte elements.</summary>
    public long Length { get; }

    /// <summary>Grows whenever an operation writes to the block: what was made of its content is out of date where this has changed.</summary>
    internal long Writes => Volatile.Read(ref _writes);

    internal void CountWrite() => Interlocked.Increment(ref _writes);

    /// <summary>Gives the block back to the pool. The content is undefined afterwards.</summary>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Gives the block back.</summary>
    /// <param name="disposing">True when called from <see cref="Dispose()"/>.</param>
    protected abstract void Dispose(bool disposing);
}
