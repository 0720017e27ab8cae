namespace IlgpuSpp.Engine.Cpu;

// Fully connected layers with 8-bit weights: rows are rounded to bytes, multiplied with panels of codes as whole numbers, and scaled while they are stored.
public sealed unsafe partial class CpuBackend
{
    // Rows of a power of two bytes would share their places in the cache: an odd number of cache lines does not.
    private const int CacheLine = 64;

    protected override PackedInt8? RunPackInt8(Tensor w) => new CpuPackedInt8(this, w);

    protected override void RunLinearForward(Tensor x, PackedInt8 packed, Tensor? bias, Tensor y, Activation activation)
    {
        if (IsApart(activation))
        {
            RunLinearForward(x, packed, bias, y, Activation.None);
            RunActivationForward(activation, y, y);
            return;
        }
        var own = (CpuPackedInt8)packed;
        own.Refresh();
        int rows = x.Shape.Batch, inputs = packed.Weights.Shape[1], outputs = packed.Weights.Shape[0];
        int padded = Int8Job.IsTiled(rows) ? (rows + Int8Kernels.Rows - 1) / Int8Kernels.Rows * Int8Kernels.Rows : rows;
        nint stride = (inputs + CacheLine - 1) / CacheLine * CacheLine | CacheLine;
        using Borrowed bytes = _memory.Borrow((padded * (long)stride + sizeof(float) - 1) / sizeof(float));
        using Borrowed scales = _memory.Borrow(2L * padded);
        using Borrowed scratch = _memory.Borrow((long)Int8Job.ScratchLength * _workers.Threads);
        _workers.Run(new RoundRowsJob { X = Pointer(x), Bytes = (byte*)bytes.Pointer, Scales = (RowScale*)scales.Pointer, Rows = rows, PaddedRows = padded, Inputs = inputs, Stride = stride });
        _workers.Run(new Int8Job
        {
            Kernels = Int8Kernels.For(Simd), X = (byte*)bytes.Pointer, RowScales = (RowScale*)scales.Pointer, Panels = own.Panels, Scales = own.Scales, Sums = own.Sums,
            Bias = PointerOrNull(bias), Y = Pointer(y), Scratch = (int*)scratch.Pointer, Stride = stride, Rows = rows, Inputs = inputs, Outputs = outputs, Activation = activation,
        });
    }

    /// <summary>Fills packed weights.</summary>
    internal void Pack(CpuPackedInt8 packed)
    {
        int outputs = packed.Weights.Shape[0], inputs = packed.Weights.Shape[1];
        using Borrowed scratch = _memory.Borrow((inputs * (long)_workers.Threads + sizeof(float) - 1) / sizeof(float));
        _workers.Run(new PackInt8Job
        {
            Weights = Pointer(packed.Weights), Panels = packed.Panels, Scales = packed.Scales, Sums = packed.Sums, Scratch = (sbyte*)scratch.Pointer, Inputs = inputs, Outputs = outputs,
        });
    }
}
