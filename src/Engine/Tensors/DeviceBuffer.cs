namespace IlgpuSpp.Engine;

/// <summary>
/// A block of device memory, counted in 4-byte elements. Backends derive from it; everyone else only passes it on.
/// Disposing it gives the block back to its backend's pool.
/// </summary>
public abstract class DeviceBuffer : IDisposable
{
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
