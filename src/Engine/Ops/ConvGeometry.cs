namespace IlgpuSpp.Engine;

/// <summary>
/// The windows of a two-dimensional convolution. Weights lie as <c>[kernelHeight, kernelWidth, inChannels / groups, outChannels]</c>;
/// output channels of group g are the g-th of <see cref="Groups"/> equal runs.
/// </summary>
/// <param name="KernelHeight">Rows of a window, at least 1.</param>
/// <param name="KernelWidth">Columns of a window, at least 1.</param>
/// <param name="StrideHeight">Rows between windows, at least 1.</param>
/// <param name="StrideWidth">Columns between windows, at least 1.</param>
/// <param name="PadHeight">Rows of zeros above, at least 0; below too, unless <see cref="PadBottom"/> says otherwise.</param>
/// <param name="PadWidth">Columns of zeros to the left, at least 0; to the right too, unless <see cref="PadRight"/> says otherwise.</param>
/// <param name="Groups">Channel groups that do not see each other, at least 1.</param>
public readonly record struct ConvGeometry(
    int KernelHeight, int KernelWidth, int StrideHeight, int StrideWidth, int PadHeight, int PadWidth, int Groups = 1)
{
    // Differences to the other side, so that a geometry is symmetric where nothing is said.
    private readonly int _moreBelow, _moreRight;

    /// <summary>Rows of zeros below, at least 0. Other programs pad maps by more on one side than on the other.</summary>
    public int PadBottom
    {
        get => PadHeight + _moreBelow;
        init => _moreBelow = value - PadHeight;
    }

    /// <summary>Columns of zeros to the right, at least 0.</summary>
    public int PadRight
    {
        get => PadWidth + _moreRight;
        init => _moreRight = value - PadWidth;
    }

    /// <summary>Square windows.</summary>
    /// <param name="kernel">Window side.</param>
    /// <param name="stride">Distance between windows.</param>
    /// <param name="pad">Zeros on every side.</param>
    /// <param name="groups">Channel groups.</param>
    public static ConvGeometry Square(int kernel, int stride = 1, int pad = 0, int groups = 1) =>
        new(kernel, kernel, stride, stride, pad, pad, groups);
}
