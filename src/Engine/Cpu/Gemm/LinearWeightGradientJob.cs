using System.Runtime.CompilerServices;

namespace IlgpuSpp.Engine.Cpu;

/// <summary>
/// dw += dyᵀ·x at a small batch. An item is a range of inputs and of outputs: the part of x is copied into the first-level cache
/// while the rows of the gradient go by once.
/// </summary>
internal unsafe struct LinearWeightGradientJob : IParallelJob
{
    // Images times inputs of an item: 32 KB, two thirds of a first-level cache.
    private const int FloatsPerItem = 8192;
    private const int OutputsPerItem = 256;

    public StreamKernels Kernels;
    public float* X, DY, DW, Scratch;
    public int Rows, Inputs, Outputs;

    /// <summary>How many items there are.</summary>
    public readonly int Items => InputBlocks * ((Outputs + OutputsPerItem - 1) / OutputsPerItem);

    /// <summary>Floats of scratch memory for one worker.</summary>
    public readonly long ScratchLength => (long)PaddedRows * ImageStride;

    // The kernel takes eight images at a time; those that are missing are zeros. A single one has its own kernel.
    private readonly int PaddedRows => Rows == 1 ? 1 : (Rows + 7) / 8 * 8;

    private readonly int InputsPerItem => Math.Min(512, FloatsPerItem / PaddedRows);

    // Not a power of two, so that the images do not share their places in the cache.
    private readonly int ImageStride => InputsPerItem + 16;

    private readonly int InputBlocks => (Inputs + InputsPerItem - 1) / InputsPerItem;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Run(int item, int worker)
    {
        int first = item % InputBlocks * InputsPerItem, columns = Math.Min(InputsPerItem, Inputs - first);
        int output = item / InputBlocks * OutputsPerItem, last = Math.Min(Outputs, output + OutputsPerItem);
        float* x = Scratch + worker * ScratchLength;
        int stride = ImageStride, padded = PaddedRows;
        for (int row = 0; row < Rows; row++) RunCopy.Copy(X + (nint)row * Inputs + first, x + (nint)row * stride, columns);
        for (int row = Rows; row < padded; row++) RunCopy.Zero(x + (nint)row * stride, columns);
        float* coefficients = stackalloc float[8];
        for (; output < last; output++)
        {
            float* dw = DW + (nint)output * Inputs + first;
            if (padded == 1)
            {
                Kernels.AddRow(x, DY[output], dw, columns);
                continue;
            }
            for (int row = 0; row < padded; row += 8)
            {
                for (int i = 0; i < 8; i++) coefficients[i] = row + i < Rows ? DY[(nint)(row + i) * Outputs + output] : 0;
                Kernels.AddRows8(x + (nint)row * stride, stride, coefficients, dw, dw + Inputs, columns);
            }
        }
    }
}
