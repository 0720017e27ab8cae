using System.Runtime.CompilerServices;

namespace IlgpuSpp.Engine.Cpu;

/// <summary>A rectangle of one image's map, bottom and right excluded.</summary>
internal readonly record struct MapWindow(int Image, int Top, int Left, int Bottom, int Right);

/// <summary>The extents of a pyramid pooling, shared by its jobs.</summary>
internal unsafe struct PyramidExtents
{
    public int Images, Height, Width, Channels;

    /// <summary>Windows, or images where whole maps are pooled.</summary>
    public int Count;

    /// <summary>Rows of (image, top, left, bottom, right), or null where whole maps are pooled.</summary>
    public int* Windows;

    public LevelPlan Levels;

    /// <summary>Bins of all levels: Σ n².</summary>
    public int Bins;

    public PyramidRule Rule;

    /// <summary>One window, clamped to the map.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly MapWindow Window(int index)
    {
        if (Windows is null) return new MapWindow(index, 0, 0, Height, Width);
        int* row = Windows + 5L * index;
        int top = Math.Clamp(row[1], 0, Height - 1), left = Math.Clamp(row[2], 0, Width - 1);
        return new MapWindow(Math.Clamp(row[0], 0, Images - 1), top, left,
            Math.Clamp(row[3], top + 1, Height), Math.Clamp(row[4], left + 1, Width));
    }
}
