using System.Runtime.CompilerServices;

namespace IlgpuSpp.Engine.Cpu;

/// <summary>
/// dw += dyᵀ·x at a small batch. An item is a range of inputs and of outputs: the part of x is copied into the first-level cache
/// while the rows of the gradient go by once.
/// </summary>
internal unsafe struct LinearWeightGradientJob : IParallelJob
{
    private const int InputsPerItem = 512;
    private const int OutputsPerItem = 256;

    // Not a power of two, so that the images do not share their places in the cache.
    private const int ImageStride = InputsPerItem + 16;

    public StreamKernels Kernels;
    public float* X, DY, DW, Scratch;
    public int Rows, Inputs, Outputs;

    /// <summary>How many items there are.</summary>
    public readonly int Items => InputBlocks * ((Outputs + OutputsPerItem - 1) / OutputsPerItem);

    /// <summary>Floats of scratch memory for one worker.</summary>
    public readonly long ScratchLength => (long)Rows * ImageStride;

    private readonly int InputBlocks => (Inputs + InputsPerItem - 1) / InputsPerItem;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Run(int item, int worker)
    {
        int first = item % InputBlocks * InputsPerItem, columns = Math.Min(InputsPerItem, Inputs - first);
        int output = item / InputBlocks * OutputsPerItem, last = Math.Min(Outputs, output + OutputsPerItem);
        float* x = Scratch + worker * ScratchLength;
        for (int row = 0; row < Rows; row++) RunCopy.Copy(X + (nint)row * Inputs + first, x + (nint)row * ImageStride, columns);
        float* coefficients = stackalloc float[8];
        for (; output < last; output++)
        {
            float* dw = DW + (nint)output * Inputs + first;
            int row = 0;
            for (; row <= Rows - 8; row += 8)
            {
                for (int i = 0; i < 8; i++) coefficients[i] = DY[(nint)(row + i) * Outputs + output];
                Kernels.AddRows8(x + (nint)row * ImageStride, ImageStride, coefficients, dw, dw + Inputs, columns);
            }
            for (; row < Rows; row++) Kernels.AddRow(x + (nint)row * ImageStride, DY[(nint)row * Outputs + output], dw, columns);
        }
    }
}
