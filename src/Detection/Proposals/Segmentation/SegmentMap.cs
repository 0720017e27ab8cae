namespace IlgpuSpp.Detection;

/// <summary>A partition of an image into segments.</summary>
internal sealed class SegmentMap
{
    internal SegmentMap(int width, int height, int[] labels, int count)
    {
        Width = width;
        Height = height;
        Labels = labels;
        Count = count;
    }

    /// <summary>Width in pixels.</summary>
    public int Width { get; }

    /// <summary>Height in pixels.</summary>
    public int Height { get; }

    /// <summary>Number of segments, at least 1.</summary>
    public int Count { get; }

    /// <summary>Every pixel's segment, <c>[height, width]</c>, row-major: 0 to <see cref="Count"/> − 1, numbered in the order of their first pixels.</summary>
    public ReadOnlyMemory<int> Segments => Labels;

    internal int[] Labels { get; }
}
