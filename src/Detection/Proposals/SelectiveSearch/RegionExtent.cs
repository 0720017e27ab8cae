namespace IlgpuSpp.Detection;

/// <summary>The bounding box of a region in pixels, both corners included.</summary>
internal readonly record struct RegionExtent(int Left, int Top, int Right, int Bottom)
{
    public int Width => Right - Left + 1;

    public int Height => Bottom - Top + 1;

    public long Area => (long)Width * Height;

    public RegionExtent Union(RegionExtent other) =>
        new(Math.Min(Left, other.Left), Math.Min(Top, other.Top), Math.Max(Right, other.Right), Math.Max(Bottom, other.Bottom));
}
