using System.Buffers;

namespace IlgpuSpp.Detection;

/// <summary>
/// The segmentation of Felzenszwalb and Huttenlocher, "Efficient graph-based image segmentation" (IJCV 2004): edges are taken
/// by rising weight, and two components are joined where the edge is no heavier than the heaviest edge inside either
/// of them plus k divided by its size.
/// </summary>
internal static class GraphSegmentation
{
    /// <summary>Segments an image.</summary>
    /// <param name="image">The image.</param>
    /// <param name="space">The colour space in which colours are compared, channels 0 to 255.</param>
    /// <param name="sigma">Standard deviation of the Gaussian that smooths first, in pixels; 0 for none.</param>
    /// <param name="k">The scale of observation, above 0: larger values give larger segments.</param>
    /// <param name="minimumSize">Segments below this many pixels are joined to a neighbour.</param>
    /// <returns>The segments.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range, or the image has more than 2^29 pixels.</exception>
    public static SegmentMap Segment(RgbImage image, ColourSpace space, double sigma, double k, int minimumSize)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentOutOfRangeException.ThrowIfNegative(sigma);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(k);
        ArgumentOutOfRangeException.ThrowIfNegative(minimumSize);
        ColourPlanes colour = ColourPlanes.Convert(image, space);
        using SortedPixelEdges edges = Edges(colour, sigma);
        return Segment(edges, k, minimumSize);
    }

    internal static SortedPixelEdges Edges(ColourPlanes colour, double sigma)
    {
        float[][] smooth = [.. colour.Planes.Select(plane => GaussianFilter.Smooth(plane, colour.Width, colour.Height, sigma))];
        return SortedPixelEdges.Create(smooth, colour.Width, colour.Height);
    }

    internal static SegmentMap Segment(SortedPixelEdges edges, double k, int minimumSize)
    {
        int pixels = edges.Width * edges.Height;
        Component[] rented = ArrayPool<Component>.Shared.Rent(pixels);
        Span<Component> forest = rented.AsSpan(0, pixels);
        for (int i = 0; i < pixels; i++) forest[i] = new Component { Parent = i, Size = 1, Limit = (float)k };
        ReadOnlySpan<int> steps = edges.Steps;
        int small = 0;
        foreach (ulong edge in edges.Sorted)
        {
            int p = (int)((uint)edge >> 2);
            int a = Root(forest, p), b = Root(forest, p + steps[(int)edge & 3]);
            if (a == b) continue;
            float weight = BitConverter.UInt32BitsToSingle((uint)(edge >> 32));
            if (weight > forest[a].Limit || weight > forest[b].Limit) continue;
            int joined = Join(forest, a, b);
            forest[joined].Limit = weight + (float)k / forest[joined].Size;
        }
        if (minimumSize > 1)
        {
            for (int i = 0; i < pixels; i++)
            {
                if (forest[i].Parent == i && forest[i].Size < minimumSize) small++;
            }
            if (small > 0) JoinSmall(edges, forest, minimumSize);
        }
        SegmentMap map = Number(edges, forest);
        ArrayPool<Component>.Shared.Return(rented);
        return map;
    }

    private static void JoinSmall(SortedPixelEdges edges, Span<Component> forest, int minimumSize)
    {
        ReadOnlySpan<int> steps = edges.Steps;
        foreach (ulong edge in edges.Sorted)
        {
            int p = (int)((uint)edge >> 2);
            int a = Root(forest, p), b = Root(forest, p + steps[(int)edge & 3]);
            if (a != b && (forest[a].Size < minimumSize || forest[b].Size < minimumSize)) Join(forest, a, b);
        }
    }

    private static SegmentMap Number(SortedPixelEdges edges, Span<Component> forest)
    {
        var labels = new int[forest.Length];
        int count = 0;
        for (int i = 0; i < forest.Length; i++)
        {
            // Numbered roots hold −(number + 1) in place of their size.
            int root = Root(forest, i);
            if (forest[root].Size > 0) forest[root].Size = -++count;
            labels[i] = -forest[root].Size - 1;
        }
        return new SegmentMap(edges.Width, edges.Height, labels, count);
    }

    private static int Root(Span<Component> forest, int i)
    {
        while (true)
        {
            int parent = forest[i].Parent;
            if (parent == i) return i;
            int above = forest[parent].Parent;
            if (above == parent) return parent;
            forest[i].Parent = above;
            i = above;
        }
    }

    private static int Join(Span<Component> forest, int a, int b)
    {
        if (forest[a].Size < forest[b].Size) (a, b) = (b, a);
        forest[b].Parent = a;
        forest[a].Size += forest[b].Size;
        return a;
    }

    private struct Component
    {
        public int Parent;
        public int Size;
        public float Limit;
    }
}
