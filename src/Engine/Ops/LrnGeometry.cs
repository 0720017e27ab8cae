namespace IlgpuSpp.Engine;

/// <summary>Where local response normalisation sums squares.</summary>
public enum LrnRegion
{
    /// <summary>A square of the same channel: s = k + (α/n²)·Σx². The released ZF-5 (n = 3).</summary>
    WithinChannel,

    /// <summary>Neighbouring channels of the same pixel: s = k + (α/n)·Σx². AlexNet's form (n = 5).</summary>
    AcrossChannels,
}

/// <summary>
/// Local response normalisation y = x·s^(−β). Elements outside the map or the channels count as zero and the divisor
/// stays n² or n at the borders, as in Caffe.
/// </summary>
/// <param name="Region">Where squares are summed.</param>
/// <param name="Size">Side n of the window, odd.</param>
/// <param name="Alpha">α, at least 0.</param>
/// <param name="Beta">β, above 0.</param>
/// <param name="K">k, above 0; 1 in Caffe.</param>
public readonly record struct LrnGeometry(LrnRegion Region, int Size, float Alpha, float Beta, float K = 1);
