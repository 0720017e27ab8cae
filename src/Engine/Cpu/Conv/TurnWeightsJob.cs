using System.Runtime.CompilerServices;

namespace IlgpuSpp.Engine.Cpu;

/// <summary>
/// Turns 3×3 weights round for the input gradient: <c>[3, 3, in, out]</c> (folded) becomes <c>[3, 3, out, in]</c> with rows
/// and columns of taps reversed. An item is one tap and a stretch of input channels.
/// </summary>
internal unsafe struct TurnWeightsJob : IParallelJob
{
    private const int ChannelsPerItem = 32;

    public WinogradWeights Weights;
    public float* Turned;

    /// <summary>How many items there are.</summary>
    public readonly int Items => 9 * Blocks;

    private readonly int Blocks => (Weights.Channels + ChannelsPerItem - 1) / ChannelsPerItem;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Run(int item, int worker)
    {
        int tap = item / Blocks, first = item % Blocks * ChannelsPerItem, last = Math.Min(Weights.Channels, first + ChannelsPerItem);
        float** rows = stackalloc float*[ChannelsPerItem];
        for (int channel = first; channel < last; channel++) rows[channel - first] = Weights.Row(tap / 3, tap % 3, channel, null);
        float* to = Turned + (nint)(8 - tap) * Weights.OutChannels * Weights.Channels + first;
        for (int output = 0; output < Weights.OutChannels; output++, to += Weights.Channels)
            for (int i = 0; i < last - first; i++)
                to[i] = rows[i] is null ? 0 : rows[i][output];
    }
}
