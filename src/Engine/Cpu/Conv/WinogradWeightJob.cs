using System.Runtime.CompilerServices;

namespace IlgpuSpp.Engine.Cpu;

/// <summary>
/// Transforms weights into U, packed for the kernels: <c>[36][panel][in][width]</c>. An item is a few input channels.
/// </summary>
internal unsafe struct WinogradWeightJob : IParallelJob
{
    private const int ChannelsPerItem = 16;

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
        int firstChannel = item * ChannelsPerItem, channels = Math.Min(ChannelsPerItem, Weights.Channels - firstChannel);
        float** taps = stackalloc float*[9 * ChannelsPerItem];
        for (int i = 0; i < 9 * channels; i++) taps[i] = Weights.Row(i % 9 / 3, i % 9 % 3, firstChannel + i / 9, Zeros);
        // Panel by panel, so that the 36 places written to move on in small steps.
        float* to = U + (nint)firstChannel * Width;
        for (int first = 0; first < Weights.OutChannels; first += Width, to += (nint)Weights.Channels * Width)
        {
            int run = Math.Min(Width, Weights.OutChannels - first);
            for (int channel = 0; channel < channels; channel++)
            {
                float* place = to + channel * Width;
                Kernel.Weights(taps + 9 * channel, place, PointStride, first, run);
                if (run == Width) continue;
                for (int point = 0; point < 36; point++) RunCopy.Zero(place + point * PointStride + run, Width - run);
            }
        }
    }
}
