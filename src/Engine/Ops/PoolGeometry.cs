namespace IlgpuSpp.Engine;

/// <summary>How the number of pooling windows is rounded when the stride does not divide the map.</summary>
public enum PoolRounding
{
    /// <summary>⌊(a + 2p − k) / s⌋ + 1: windows that would reach past the padded map are left out.</summary>
    Floor,

    /// <summary>Caffe's rule: ⌈(a + 2p − k) / s⌉ + 1, one fewer if the last window would start past the map; windows are clipped to the map.</summary>
    Ceil,
}

/// <summary>The windows of a max or average pooling.</summary>
/// <param name="KernelHeight">Rows of a window, at least 1.</param>
/// <param name="KernelWidth">Columns of a window, at least 1.</param>
/// <param name="StrideHeight">Rows between windows, at least 1.</param>
/// <param name="StrideWidth">Columns between windows, at least 1.</param>
/// <param name="PadHeight">Rows of padding above, less than the window; below too, unless <see cref="PadBottom"/> says otherwise.</param>
/// <param name="PadWidth">Columns of padding to the left, less than the window; to the right too, unless <see cref="PadRight"/> says otherwise.</param>
/// <param name="Rounding">How the number of windows is rounded.</param>
public readonly record struct PoolGeometry(
    int KernelHeight, int KernelWidth, int StrideHeight, int StrideWidth, int PadHeight, int PadWidth, PoolRounding Rounding)
{
    // Differences to the other side, so that a geometry is symmetric where nothing is said.
    private readonly int _moreBelow, _moreRight;

    /// <summary>Rows of padding below, less than the window.</summary>
    public int PadBottom
    {
        get => PadHeight + _moreBelow;
        init => _moreBelow = value - PadHeight;
    }

    /// <summary>Columns of padding to the right, less than the window.</summary>
    public int PadRight
    {
        get => PadWidth + _moreRight;
        init => _moreRight = value - PadWidth;
    }

    /// <summary>Square windows.</summary>
    /// <param name="kernel">Window side.</param>
    /// <param name="stride">Distance between windows.</param>
    /// <param name="pad">Padding on every side.</param>
    /// <param name="rounding">How the number of windows is rounded.</param>
    public static PoolGeometry Square(int kernel, int stride, int pad = 0, PoolRounding rounding = PoolRounding.Floor) =>
        new(kernel, kernel, stride, stride, pad, pad, rounding);
}

/// <summary>What an average pooling divides a window's sum by.</summary>
public enum AveragePoolDivisor
{
    /// <summary>The elements of the window that lie on the map.</summary>
    Valid,

    /// <summary>Caffe's rule: the elements of the window that lie on the padded map, the padding counted as zeros.</summary>
    Padded,
}
