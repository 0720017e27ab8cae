using System.Runtime.InteropServices;
using ILGPU;
using ILGPU.Runtime;

namespace IlgpuSpp.Engine.Ilgpu;

/// <summary>
/// A ring of page-locked pieces of host memory. An upload fills a piece and queues its copy; it waits only where the
/// ring comes round to a piece whose copy, made a whole ring ago, is not done.
/// </summary>
internal sealed class UploadStaging(Accelerator accelerator, AcceleratorStream stream) : IDisposable
{
    private const int Pieces = 8;
    private const int PieceElements = 1 << 19;

    private readonly PageLockedArray1D<float>?[] _memory = new PageLockedArray1D<float>?[Pieces];
    private readonly ProfilingMarker?[] _copied = new ProfilingMarker?[Pieces];
    private int _next;

    /// <summary>Queues a copy to the device; the span may be reused at once.</summary>
    public void Upload(ReadOnlySpan<float> values, ArrayView<float> target)
    {
        for (int done = 0; done < values.Length;)
        {
            int count = Math.Min(PieceElements, values.Length - done);
            int piece = _next;
            _next = (_next + 1) % Pieces;
            Span<float> staged = (_memory[piece] ??= accelerator.AllocatePageLocked1D<float>(PieceElements)).Span;
            if (_copied[piece] is { } marker)
            {
                marker.Synchronize();
                marker.Dispose();
            }
            values.Slice(done, count).CopyTo(staged);
            target.SubView(done, count).CopyFromCPUUnsafeAsync(stream, ref MemoryMarshal.GetReference(staged), count);
            _copied[piece] = stream.AddProfilingMarker();
            done += count;
        }
    }

    public void Dispose()
    {
        foreach (ProfilingMarker? marker in _copied) marker?.Dispose();
        foreach (PageLockedArray1D<float>? memory in _memory) memory?.Dispose();
    }
}
