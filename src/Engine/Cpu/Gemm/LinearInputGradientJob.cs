using System.Runtime.CompilerServices;

namespace IlgpuSpp.Engine.Cpu;

/// <summary>
/// dx = dy·w at a small batch. An item is a range of inputs: eight rows of its part of the weights are read abreast and
/// added to the gradients of all images, which stay in the first- or second-level cache.
/// </summary>
internal unsafe struct LinearInputGradientJob : IParallelJob
{
    private const int InputsPerItem = 512;

    public StreamKernels Kernels;
    public float* DY, Weights, DX;
    public int Rows, Inputs, Outputs;

    /// <summary>How many items there are.</summary>
    public readonly int Items => (Inputs + InputsPerItem - 1) / InputsPerItem;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Run(int item, int worker)
    {
        int first = item * InputsPerItem, columns = Math.Min(InputsPerItem, Inputs - first);
        float* dx = DX + first, weights = Weights + first;
        float* coefficients = stackalloc float[8 * CpuBackend.LargestStreamedBatch];
        for (int row = 0; row < Rows; row++) RunCopy.Zero(dx + (nint)row * Inputs, columns);
        int output = 0;
        for (; output <= Outputs - 8; output += 8)
        {
            for (int row = 0; row < Rows; row++) RunCopy.Copy(DY + (nint)row * Outputs + output, coefficients + 8 * row, 8);
            Kernels.Combine8(weights + (nint)output * Inputs, Inputs, coefficients, dx, Inputs, Rows, columns);
        }
        for (; output < Outputs; output++)
            for (int row = 0; row < Rows; row++)
                Kernels.AddRow(weights + (nint)output * Inputs, DY[(nint)row * Outputs + output], dx + (nint)row * Inputs, columns);
    }
}
