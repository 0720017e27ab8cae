using System.Runtime.InteropServices;

namespace IlgpuSpp.Detection;

/// <summary>The segments that hierarchies start from: sizes, boxes, normalised histograms and which of them touch.</summary>
internal sealed class RegionSet(int count, long pixels, int colourStride, int textureStride)
{
    // Histograms are padded with zeros to whole vectors of eight.
    private const int Lanes = 8;

    public int Count { get; } = count;

    /// <summary>Pixels of the whole image.</summary>
    public long Pixels { get; } = pixels;

    public int[] Sizes { get; } = new int[count];

    public RegionExtent[] Extents { get; } = new RegionExtent[count];

    /// <summary>Colour histograms, <c>[region, ColourStride]</c>: channel-major, each region's sum is 1.</summary>
    public float[] Colour { get; } = new float[count * colourStride];

    public int ColourStride { get; } = colourStride;

    /// <summary>Texture histograms, <c>[region, TextureStride]</c>: channel, orientation, bin; each region's sum is 1.</summary>
    public float[] Texture { get; } = new float[count * textureStride];

    public int TextureStride { get; } = textureStride;

    /// <summary>Pairs of touching regions (sharing a side of a pixel), the lower number first, ascending.</summary>
    public (int A, int B)[] Neighbours { get; private set; } = [];

    public static RegionSet Create(SegmentMap map, PixelBins bins)
    {
        int colours = bins.Channels * PixelBins.ColourBins, textures = bins.Channels * PixelBins.Orientations * PixelBins.TextureBins;
        var regions = new RegionSet(map.Count, map.Labels.Length, Padded(colours), Padded(textures));
        regions.Measure(map);
        regions.CountBins(map.Labels, bins.Colour, bins.Channels, PixelBins.ColourBins, regions.Colour, regions.ColourStride);
        regions.CountBins(map.Labels, bins.Texture, bins.Channels * PixelBins.Orientations, PixelBins.TextureBins, regions.Texture, regions.TextureStride);
        regions.Neighbours = FindNeighbours(map);
        return regions;
    }

    private static int Padded(int length) => (length + Lanes - 1) / Lanes * Lanes;

    private void Measure(SegmentMap map)
    {
        Array.Fill(Extents, new RegionExtent(int.MaxValue, int.MaxValue, -1, -1));
        for (int y = 0, i = 0; y < map.Height; y++)
        {
            for (int x = 0; x < map.Width; i++)
            {
                // Along a row, runs of one segment are measured at once.
                int label = map.Labels[i], first = x;
                while (++x < map.Width && map.Labels[i + 1] == label) i++;
                Sizes[label] += x - first;
                Extents[label] = Extents[label].Union(new RegionExtent(first, y, x - 1, y));
            }
        }
    }

    private void CountBins(int[] labels, byte[] bins, int perPixel, int binsEach, float[] histograms, int stride)
    {
        var counts = new int[histograms.Length];
        for (int i = 0, at = 0; i < labels.Length; i++, at += perPixel)
        {
            Span<int> histogram = counts.AsSpan(labels[i] * stride, stride);
            ReadOnlySpan<byte> pixel = bins.AsSpan(at, perPixel);
            for (int j = 0, start = 0; j < pixel.Length; j++, start += binsEach) histogram[start + pixel[j]]++;
        }
        for (int region = 0; region < Count; region++)
        {
            float scale = 1f / ((float)Sizes[region] * perPixel);
            for (int j = region * stride; j < (region + 1) * stride; j++) histograms[j] = counts[j] * scale;
        }
    }

    private static (int A, int B)[] FindNeighbours(SegmentMap map)
    {
        var pairs = new List<long>();
        int[] labels = map.Labels;
        for (int y = 0, i = 0; y < map.Height; y++)
        {
            long lastBelow = -1;
            for (int x = 0; x < map.Width; x++, i++)
            {
                int label = labels[i];
                if (x + 1 < map.Width && labels[i + 1] != label) pairs.Add(Pair(label, labels[i + 1]));
                if (y + 1 == map.Height || labels[i + map.Width] == label) continue;
                long below = Pair(label, labels[i + map.Width]);
                if (below != lastBelow) pairs.Add(below);
                lastBelow = below;
            }
        }
        pairs.Sort();
        var result = new List<(int, int)>();
        long last = -1;
        foreach (long pair in CollectionsMarshal.AsSpan(pairs))
        {
            if (pair != last) result.Add(((int)(pair >> 32), (int)pair));
            last = pair;
        }
        return [.. result];
    }

    private static long Pair(int a, int b) => a < b ? (long)a << 32 | (uint)b : (long)b << 32 | (uint)a;
}

/// <summary>The bounding box of a region in pixels, both corners included.</summary>
internal readonly record struct RegionExtent(int Left, int Top, int Right, int Bottom)
{
    public int Width => Right - Left + 1;

    public int Height => Bottom - Top + 1;

    public long Area => (long)Width * Height;

    public RegionExtent Union(RegionExtent other) =>
        new(Math.Min(Left, other.Left), Math.Min(Top, other.Top), Math.Max(Right, other.Right), Math.Max(Bottom, other.Bottom));
}
