namespace IlgpuSpp.Detection;

/// <summary>A partition of an image into segments.</summary>
internal sealed class SegmentMap(int width, int height, int[] labels, int count)
{
    /// <summary>Width in pixels.</summary>
    public int Width { get; } = width;

    /// <summary>Height in pixels.</summary>
    public int Height { get; } = height;

    /// <summary>Number of segments, at least 1.</summary>
    public int Count { get; } = count;

    /// <summary>Every pixel's segment, <c>[height, width]</c>, row-major: 0 to <see cref="Count"/> − 1, numbered in the order of their first pixels.</summary>
    public ReadOnlyMemory<int> Segments => Labels;

    internal int[] Labels { get; } = labels;
}
