using System.Runtime.CompilerServices;

namespace IlgpuSpp.Engine.Cpu;

/// <summary>
/// dx = dy·w at a small batch. An item is a range of inputs: eight rows of its part of the weights are read abreast and
/// added to the gradients of all images, which are gathered in scratch memory of the size of the first-level cache.
/// </summary>
internal unsafe struct LinearInputGradientJob : IParallelJob
{
    private const int InputsPerItem = 512;

    // Not a power of two, so that the images do not share their places in the cache.
    private const int ImageStride = InputsPerItem + 16;

    public StreamKernels Kernels;
    public float* DY, Weights, DX, Scratch;
    public int Rows, Inputs, Outputs;

    /// <summary>How many items there are.</summary>
    public readonly int Items => (Inputs + InputsPerItem - 1) / InputsPerItem;

    /// <summary>Floats of scratch memory for one worker.</summary>
    public readonly long ScratchLength => (long)Rows * ImageStride;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Run(int item, int worker)
    {
        int first = item * InputsPerItem, columns = Math.Min(InputsPerItem, Inputs - first);
        float* dx = Scratch + worker * ScratchLength, weights = Weights + first;
        float* coefficients = stackalloc float[8 * CpuBackend.LargestStreamedBatch];
        for (int row = 0; row < Rows; row++) RunCopy.Zero(dx + (nint)row * ImageStride, columns);
        int output = 0;
        for (; output <= Outputs - 8; output += 8)
        {
            for (int row = 0; row < Rows; row++) RunCopy.Copy(DY + (nint)row * Outputs + output, coefficients + 8 * row, 8);
            Kernels.Combine8(weights + (nint)output * Inputs, Inputs, coefficients, dx, ImageStride, Rows, columns);
        }
        for (; output < Outputs; output++)
            for (int row = 0; row < Rows; row++)
                Kernels.AddRow(weights + (nint)output * Inputs, DY[(nint)row * Outputs + output], dx + (nint)row * ImageStride, columns);
        for (int row = 0; row < Rows; row++) RunCopy.Copy(dx + (nint)row * ImageStride, DX + (nint)row * Inputs + first, columns);
    }
}
