namespace IlgpuSpp.Engine;

/// <summary>
/// The windows of a two-dimensional convolution. Weights lie as <c>[kernelHeight, kernelWidth, inChannels / groups, outChannels]</c>;
/// output channels of group g are the g-th of <see cref="Groups"/> equal runs.
/// </summary>
/// <param name="KernelHeight">Rows of a window, at least 1.</param>
/// <param name="KernelWidth">Columns of a window, at least 1.</param>
/// <param name="StrideHeight">Rows between windows, at least 1.</param>
/// <param name="StrideWidth">Columns between windows, at least 1.</param>
/// <param name="PadHeight">Rows of zeros above and below, at least 0.</param>
/// <param name="PadWidth">Columns of zeros left and right, at least 0.</param>
/// <param name="Groups">Channel groups that do not see each other, at least 1.</param>
public readonly record struct ConvGeometry(
    int KernelHeight, int KernelWidth, int StrideHeight, int StrideWidth, int PadHeight, int PadWidth, int Groups = 1)
{
    /// <summary>Square windows.</summary>
    /// <param name="kernel">Window side.</param>
    /// <param name="stride">Distance between windows.</param>
    /// <param name="pad">Zeros on every side.</param>
    /// <param name="groups">Channel groups.</param>
    public static ConvGeometry Square(int kernel, int stride = 1, int pad = 0, int groups = 1) =>
        new(kernel, kernel, stride, stride, pad, pad, groups);
}
