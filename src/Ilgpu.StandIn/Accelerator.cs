using System.Runtime.InteropServices;

namespace ILGPU.Runtime;

/// <summary>Kinds of accelerators.</summary>
public enum AcceleratorType
{
    /// <summary>The CPU.</summary>
    CPU,
}

/// <summary>An opened device.</summary>
/// <param name="device">The device.</param>
public abstract class Accelerator(Device device) : IDisposable
{
    /// <summary>The kind.</summary>
    public AcceleratorType AcceleratorType => AcceleratorType.CPU;

    /// <summary>Threads of a group, at most.</summary>
    public int MaxNumThreadsPerGroup => device.MaxNumThreadsPerGroup;

    /// <summary>Multiprocessors.</summary>
    public int NumMultiprocessors => device.NumMultiprocessors;

    /// <summary>Memory in bytes.</summary>
    public long MemorySize => device.MemorySize;

    /// <summary>A stream; work is done when its call returns.</summary>
    public AcceleratorStream CreateStream() => new();

    /// <summary>Allocates a buffer.</summary>
    /// <param name="length">Number of elements.</param>
    /// <param name="elementSize">Bytes of an element.</param>
    public MemoryBuffer AllocateRaw(long length, int elementSize) => new(length * elementSize);

    /// <summary>Makes this the thread's accelerator; there is only one kind here.</summary>
    public void Bind()
    {
        // Threads need no binding.
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Stops the accelerator.</summary>
    /// <param name="disposing">Whether it is called from <see cref="Dispose()"/>.</param>
    protected abstract void Dispose(bool disposing);

    internal abstract void RunIndices(string name, int count, Action<int> body);

    internal abstract void RunGroups(string name, KernelConfig config, Action body);
}

/// <summary>A queue of work, always empty.</summary>
public sealed class AcceleratorStream : IDisposable
{
    /// <summary>Waits for the work.</summary>
    public void Synchronize()
    {
        // Work is done when its call returns.
    }

    /// <summary>Marks a point in the work.</summary>
    public ProfilingMarker AddProfilingMarker() => new();

    /// <inheritdoc/>
    public void Dispose()
    {
        // Nothing is held.
    }
}

/// <summary>A point in the work.</summary>
public sealed class ProfilingMarker : IDisposable
{
    /// <summary>Waits for the point.</summary>
    public void Synchronize()
    {
        // It has passed.
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // Nothing is held.
    }
}

/// <summary>Memory of an accelerator.</summary>
public sealed unsafe class MemoryBuffer : IDisposable
{
    internal MemoryBuffer(long bytes)
    {
        LengthInBytes = bytes;
        NativePtr = (nint)NativeMemory.AlignedAlloc((nuint)bytes, 64);
    }

    /// <summary>Its address.</summary>
    public nint NativePtr { get; private set; }

    /// <summary>Its length in bytes.</summary>
    public long LengthInBytes { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        NativeMemory.AlignedFree((void*)NativePtr);
        NativePtr = 0;
    }
}

/// <summary>Host memory for copies.</summary>
/// <typeparam name="T">Element type.</typeparam>
public sealed class PageLockedArray1D<T> : IDisposable
    where T : unmanaged
{
    private readonly T[] _values;

    internal PageLockedArray1D(long extent) => _values = GC.AllocateArray<T>((int)extent, pinned: true);

    /// <summary>The memory.</summary>
    public Span<T> Span => _values;

    /// <inheritdoc/>
    public void Dispose()
    {
        // The collector frees it.
    }
}

/// <summary>A failure of an accelerator; the CPU has none.</summary>
public abstract class AcceleratorException : Exception
{
    /// <summary>Creates the exception.</summary>
    protected AcceleratorException()
    {
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">What went wrong.</param>
    protected AcceleratorException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">What went wrong.</param>
    /// <param name="inner">Its cause.</param>
    protected AcceleratorException(string message, Exception inner)
        : base(message, inner)
    {
    }
}

/// <summary>Limits that a kernel is compiled for; they mean nothing here.</summary>
/// <param name="MaxNumThreadsPerGroup">Threads of a group, at most.</param>
/// <param name="MinNumGroupsPerMultiprocessor">Groups of a multiprocessor, at least.</param>
public readonly record struct KernelSpecialization(int? MaxNumThreadsPerGroup, int? MinNumGroupsPerMultiprocessor);

/// <summary>Page-locked memory.</summary>
public static class PageLockedArrayExtensions
{
    /// <summary>Allocates host memory for copies.</summary>
    /// <typeparam name="T">Element type.</typeparam>
    /// <param name="accelerator">The accelerator.</param>
    /// <param name="extent">Number of elements.</param>
    public static PageLockedArray1D<T> AllocatePageLocked1D<T>(this Accelerator accelerator, long extent)
        where T : unmanaged => new(extent);
}

/// <summary>Copies between views and host memory.</summary>
public static class ArrayViewExtensions
{
    /// <summary>Copies from host memory.</summary>
    /// <typeparam name="T">Element type.</typeparam>
    /// <param name="target">The destination.</param>
    /// <param name="stream">The stream.</param>
    /// <param name="cpuData">First element in host memory.</param>
    /// <param name="length">Number of elements.</param>
    public static void CopyFromCPUUnsafeAsync<T>(this ArrayView<T> target, AcceleratorStream stream, ref T cpuData, long length)
        where T : unmanaged
    {
        if (length > 0) MemoryMarshal.CreateSpan(ref cpuData, (int)length).CopyTo(MemoryMarshal.CreateSpan(ref target.SubView(0, length)[0], (int)length));
    }

    /// <summary>Copies to host memory.</summary>
    /// <typeparam name="T">Element type.</typeparam>
    /// <param name="source">The source.</param>
    /// <param name="stream">The stream.</param>
    /// <param name="cpuData">First element in host memory.</param>
    /// <param name="length">Number of elements.</param>
    public static void CopyToCPU<T>(this ArrayView<T> source, AcceleratorStream stream, ref T cpuData, long length)
        where T : unmanaged
    {
        if (length > 0) MemoryMarshal.CreateSpan(ref source.SubView(0, length)[0], (int)length).CopyTo(MemoryMarshal.CreateSpan(ref cpuData, (int)length));
    }
}
