using System.Runtime.CompilerServices;

namespace IlgpuSpp.Engine.Cpu;

/// <summary>
/// y = f(x·wᵀ + bias) at a batch that one or two vectors hold, the inputs packed as one panel <c>[in][V or 2·V]</c>. An item
/// is a range of outputs, whose weights are read from end to end.
/// </summary>
internal unsafe struct LinearForwardJob : IParallelJob
{
    private const int OutputsPerItem = 32;

    public StreamKernels Kernels;
    public bool Wide;
    public float* Weights, Panel, Y, Bias;
    public int Rows, Inputs, Outputs;
    public Activation Activation;

    /// <summary>How many items there are.</summary>
    public readonly int Items => (Outputs + OutputsPerItem - 1) / OutputsPerItem;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Run(int item, int worker)
    {
        int width = Kernels.Lanes * (Wide ? 2 : 1), abreast = StreamKernels.RowsAbreast(Wide);
        float* tile = stackalloc float[8 * 16];
        nint* rows = stackalloc nint[8];
        int last = Math.Min(Outputs, (item + 1) * OutputsPerItem);
        for (int output = item * OutputsPerItem; output < last; output += abreast)
        {
            int count = Math.Min(abreast, last - output);
            // Past the end the last row is taken again and its sums are not used.
            for (int i = 0; i < abreast; i++) rows[i] = Math.Min(i, count - 1) * (nint)Inputs;
            RunCopy.Zero(tile, abreast * width);
            for (int first = 0; first < Inputs; first += GemmBlocking.Depth)
                Kernels.Forward(
                    Wide, Weights + output * (nint)Inputs + first, rows, Panel + (nint)first * width, Math.Min(GemmBlocking.Depth, Inputs - first), tile);
            for (int i = 0; i < count; i++)
            {
                float bias = Bias is null ? 0 : Bias[output + i];
                for (int row = 0; row < Rows; row++) Y[(nint)row * Outputs + output + i] = Activate(tile[i * width + row] + bias);
            }
        }
    }

    private readonly float Activate(float value) => Activation.Kind switch
    {
        ActivationKind.Relu => value < 0 ? 0 : value,
        ActivationKind.LeakyRelu => value < 0 ? value * Activation.Slope : value,
        ActivationKind.Sigmoid => 1 / (1 + MathF.Exp(-value)),
        _ => value,
    };
}
