namespace IlgpuSpp.Engine;

/// <summary>What an average pooling divides a window's sum by.</summary>
public enum AveragePoolDivisor
{
    /// <summary>The elements of the window that lie on the map.</summary>
    Valid,

    /// <summary>Caffe's rule: the elements of the window that lie on the padded map, the padding counted as zeros.</summary>
    Padded,
}
