using System.Runtime.InteropServices;

namespace ILGPU.Runtime.CPU;

/// <summary>The shared memory of the running group: arrays in the order in which every thread asks for them.</summary>
internal sealed unsafe class GroupMemory : IDisposable
{
    private readonly Lock _lock = new();
    private readonly List<(nint Pointer, long Bytes)> _arrays = [];

    public ArrayView<T> Get<T>(int number, int length)
        where T : unmanaged
    {
        lock (_lock)
        {
            if (number == _arrays.Count)
            {
                long bytes = (long)length * sizeof(T);
                _arrays.Add(((nint)NativeMemory.AlignedAlloc((nuint)bytes, 64), bytes));
            }
            if (_arrays[number].Bytes != (long)length * sizeof(T))
                throw new InvalidOperationException("The threads of a group ask for shared memory in different orders.");
            return new ArrayView<T>((T*)_arrays[number].Pointer, length);
        }
    }

    public void Dispose()
    {
        foreach (var (pointer, _) in _arrays) NativeMemory.AlignedFree((void*)pointer);
        _arrays.Clear();
    }
}
