using System.Runtime.CompilerServices;

namespace IlgpuSpp.Engine.Cpu;

/// <summary>dw += Gᵀ·dU·G. An item is a few input channels.</summary>
internal unsafe struct WinogradWeightGradientJob : IParallelJob
{
    private const int ChannelsPerItem = 8;

    public WinogradKernel Kernel;
    public WinogradWeights Gradient;
    public nint PointStride;
    public float* Products;

    /// <summary>How many items there are.</summary>
    public readonly int Items => (Gradient.Channels + ChannelsPerItem - 1) / ChannelsPerItem;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Run(int item, int worker)
    {
        float** taps = stackalloc float*[9];
        int last = Math.Min(Gradient.Channels, (item + 1) * ChannelsPerItem);
        for (int channel = item * ChannelsPerItem; channel < last; channel++)
        {
            for (int tap = 0; tap < 9; tap++) taps[tap] = Gradient.Row(tap / 3, tap % 3, channel, null);
            Kernel.WeightGradient(Products + (nint)channel * Gradient.OutChannels, PointStride, taps, 0, Gradient.OutChannels);
        }
    }
}
