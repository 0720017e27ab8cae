namespace IlgpuSpp.Engine.Cpu;

/// <summary>
/// Weights <c>[kh, kw, in, out]</c> seen as 3×3 weights over fold²·in channels: tap (a, e) of channel (b, d, c) is
/// tap (fold·a + b, fold·e + d) of channel c. Taps past the kernel are zero.
/// </summary>
internal readonly unsafe struct WinogradWeights(float* weights, int kernelHeight, int kernelWidth, int inChannels, int outChannels, int fold)
{
    private readonly float* _weights = weights;
    private readonly int _kernelHeight = kernelHeight, _kernelWidth = kernelWidth, _inChannels = inChannels, _fold = fold;

    /// <summary>Output channels.</summary>
    public int OutChannels { get; } = outChannels;

    /// <summary>Input channels after folding.</summary>
    public int Channels => _fold * _fold * _inChannels;

    /// <summary>The output channels of one tap and input channel, or <paramref name="absent"/> where the tap is past the kernel.</summary>
    public float* Row(int tapRow, int tapColumn, int channel, float* absent)
    {
        int parity = channel / _inChannels;
        int row = _fold * tapRow + parity / _fold, column = _fold * tapColumn + parity % _fold;
        return row < _kernelHeight && column < _kernelWidth
            ? _weights + ((nint)(row * _kernelWidth + column) * _inChannels + (channel - parity * _inChannels)) * OutChannels
            : absent;
    }
}
