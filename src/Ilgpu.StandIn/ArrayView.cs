using System.Runtime.CompilerServices;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;

namespace ILGPU;

/// <summary>A checked window into a buffer.</summary>
/// <typeparam name="T">Element type.</typeparam>
public readonly unsafe struct ArrayView<T>
    where T : unmanaged
{
    private readonly T* _first;

    /// <summary>A window into a buffer.</summary>
    /// <param name="source">The buffer.</param>
    /// <param name="index">First element.</param>
    /// <param name="length">Number of elements.</param>
    public ArrayView(MemoryBuffer source, long index, long length)
    {
        ArgumentNullException.ThrowIfNull(source);
        if (index < 0 || length < 0 || (index + length) * sizeof(T) > source.LengthInBytes)
            throw new ArgumentOutOfRangeException(nameof(index), $"{length} elements from {index} do not fit into {source.LengthInBytes} bytes.");
        _first = (T*)source.NativePtr + index;
        Length = length;
    }

    internal ArrayView(T* first, long length)
    {
        _first = first;
        Length = length;
    }

    /// <summary>Number of elements.</summary>
    public long Length { get; }

    /// <summary>Number of elements.</summary>
    public int IntLength => (int)Length;

    /// <summary>An element.</summary>
    /// <param name="index">From 0.</param>
    public ref T this[long index]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            if ((ulong)index >= (ulong)Length) RunningKernel.FailIndex(index, Length);
            return ref _first[index];
        }
    }

    /// <summary>An element.</summary>
    /// <param name="index">From 0.</param>
    public ref T this[int index]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => ref this[(long)index];
    }

    /// <summary>An element.</summary>
    /// <param name="index">From 0.</param>
    public ref T this[Index1D index]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => ref this[(long)index.X];
    }

    /// <summary>A part of the window.</summary>
    /// <param name="index">First element.</param>
    /// <param name="subViewLength">Number of elements.</param>
    public ArrayView<T> SubView(long index, long subViewLength)
    {
        if (index < 0 || subViewLength < 0 || index + subViewLength > Length)
            throw new ArgumentOutOfRangeException(nameof(index), $"{subViewLength} elements from {index} are not inside a view of {Length}.");
        return new ArrayView<T>(_first + index, subViewLength);
    }

    /// <summary>The same memory as whole elements of another type.</summary>
    /// <typeparam name="TOther">The other type.</typeparam>
    public ArrayView<TOther> Cast<TOther>()
        where TOther : unmanaged => new((TOther*)_first, Length * sizeof(T) / sizeof(TOther));
}
