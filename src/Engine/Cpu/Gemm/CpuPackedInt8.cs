namespace IlgpuSpp.Engine.Cpu;

/// <summary>A fully connected layer's weights as panels of 8-bit codes, with the scale and the sum of the codes of every output.</summary>
internal sealed unsafe class CpuPackedInt8(CpuBackend backend, Tensor weights) : PackedInt8(weights)
{
    private readonly Lock _lock = new();
    private CpuBuffer? _panels, _scales, _sums;
    private bool _disposed;

    // No number of writes is below 0.
    private long _writes = -1;

    public sbyte* Panels => (sbyte*)_panels!.Pointer;

    public float* Scales => _scales!.Pointer;

    public int* Sums => (int*)_sums!.Pointer;

    /// <summary>Makes it anew where the weights have been written to.</summary>
    public void Refresh()
    {
        // Read before the weights: what changes them while they are packed shows at the next call.
        long writes = Weights.Buffer.Writes;
        if (Volatile.Read(ref _writes) == writes) return;
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_writes == writes) return;
            int outputs = Weights.Shape[0], panels = (outputs + Int8Kernels.Outputs - 1) / Int8Kernels.Outputs;
            long quads = (Weights.Shape[1] + Int8Kernels.Quad - 1) / Int8Kernels.Quad;
            // Four codes take the room of one float.
            _panels ??= backend.Rent(panels * quads * Int8Kernels.Outputs);
            _scales ??= backend.Rent(panels * Int8Kernels.Outputs);
            _sums ??= backend.Rent(panels * Int8Kernels.Outputs);
            backend.Pack(this);
            Volatile.Write(ref _writes, writes);
        }
    }

    public override void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            _panels?.Dispose();
            _scales?.Dispose();
            _sums?.Dispose();
        }
    }
}
