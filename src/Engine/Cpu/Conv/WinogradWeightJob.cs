using System.Runtime.CompilerServices;

namespace IlgpuSpp.Engine.Cpu;

/// <summary>
/// Transforms weights into U, packed for the kernels: <c>[36][panel][in][width]</c>. An item is a few input channels.
/// </summary>
internal unsafe struct WinogradWeightJob : IParallelJob
{
    private const int ChannelsPerItem = 8;

    public WinogradKernel Kernel;
    public WinogradWeights Weights;
    public int Width;
    public nint PointStride;
    public float* U;

    /// <summary><see cref="WinogradWeights.OutChannels"/> zeros, for taps past the kernel.</summary>
    public float* Zeros;

    /// <summary>How many items there are.</summary>
    public readonly int Items => (Weights.Channels + ChannelsPerItem - 1) / ChannelsPerItem;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Run(int item, int worker)
    {
        float** taps = stackalloc float*[9];
        int last = Math.Min(Weights.Channels, (item + 1) * ChannelsPerItem);
        nint panelStride = (nint)Weights.Channels * Width;
        for (int channel = item * ChannelsPerItem; channel < last; channel++)
        {
            for (int tap = 0; tap < 9; tap++) taps[tap] = Weights.Row(tap / 3, tap % 3, channel, Zeros);
            float* to = U + (nint)channel * Width;
            for (int first = 0; first < Weights.OutChannels; first += Width, to += panelStride)
            {
                int run = Math.Min(Width, Weights.OutChannels - first);
                Kernel.Weights(taps, to, PointStride, first, run);
                if (run == Width) continue;
                for (int point = 0; point < 36; point++) RunCopy.Zero(to + point * PointStride + run, Width - run);
            }
        }
    }
}
