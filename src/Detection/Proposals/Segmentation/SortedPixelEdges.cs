using System.Buffers;

namespace IlgpuSpp.Detection;

/// <summary>
/// The grid graph of an image: every pixel is joined to its 8 neighbours by an edge that weighs the Euclidean distance of
/// their colours. Edges are sorted by weight, equal ones in raster order. Sorted once, they serve every scale.
/// </summary>
internal sealed class SortedPixelEdges(int width, int height, ulong[] sorted, int count) : IDisposable
{
    private const int Directions = 4;
    private readonly ulong[] _sorted = sorted;

    public int Width { get; } = width;

    public int Height { get; } = height;

    public int Count { get; } = count;

    /// <summary>Offset from an edge's first pixel to its second, by direction: right, down, down-right, up-right.</summary>
    public int[] Steps { get; } = [1, width, width + 1, 1 - width];

    /// <summary>The edges: the bits of the weight above, pixel·4 + direction below.</summary>
    public ReadOnlySpan<ulong> Sorted => _sorted.AsSpan(0, Count);

    /// <summary>Builds and sorts the edges.</summary>
    /// <param name="planes">The channels, already smoothed, each <c>[height, width]</c>.</param>
    /// <param name="width">Width in pixels.</param>
    /// <param name="height">Height in pixels.</param>
    public static SortedPixelEdges Create(float[][] planes, int width, int height)
    {
        if ((long)width * height * Directions > int.MaxValue)
            throw new ArgumentOutOfRangeException(nameof(width), $"An image of {width} x {height} pixels is too large to be segmented; shrink it first.");
        int capacity = width * height * Directions;
        ulong[] edges = ArrayPool<ulong>.Shared.Rent(capacity), spare = ArrayPool<ulong>.Shared.Rent(capacity);
        int count = Build(planes, width, height, edges);
        ulong[] sorted = RadixSort(edges, spare, count);
        ArrayPool<ulong>.Shared.Return(sorted == edges ? spare : edges);
        return new SortedPixelEdges(width, height, sorted, count);
    }

    public void Dispose() => ArrayPool<ulong>.Shared.Return(_sorted);

    private static int Build(float[][] planes, int width, int height, ulong[] edges)
    {
        int count = 0;
        Span<int> steps = [1, width, width + 1, 1 - width];
        float[] a = planes[0], b = planes[planes.Length > 1 ? 1 : 0], c = planes[planes.Length > 2 ? 2 : 0];
        bool single = planes.Length == 1;
        for (int y = 0; y < height; y++)
        {
            bool down = y + 1 < height, up = y > 0;
            for (int x = 0; x < width; x++)
            {
                int p = y * width + x;
                bool right = x + 1 < width;
                for (int d = 0; d < Directions; d++)
                {
                    bool inside = d switch { 0 => right, 1 => down, 2 => right && down, _ => right && up };
                    if (!inside) continue;
                    int q = p + steps[d];
                    float da = a[p] - a[q], weight;
                    if (single)
                    {
                        weight = Math.Abs(da);
                    }
                    else
                    {
                        float db = b[p] - b[q], dc = c[p] - c[q];
                        weight = MathF.Sqrt(da * da + db * db + dc * dc);
                    }
                    edges[count++] = (ulong)BitConverter.SingleToUInt32Bits(weight) << 32 | (uint)(p * Directions + d);
                }
            }
        }
        return count;
    }

    // The bits of floats that are not negative sort as integers do; three stable passes of 11 bits cover the 32.
    private static ulong[] RadixSort(ulong[] from, ulong[] to, int count)
    {
        const int Bits = 11, Bins = 1 << Bits;
        Span<int> starts = new int[3 * Bins];
        for (int i = 0; i < count; i++)
        {
            uint key = (uint)(from[i] >> 32);
            starts[(int)(key & (Bins - 1))]++;
            starts[Bins + (int)(key >> Bits & (Bins - 1))]++;
            starts[2 * Bins + (int)(key >> 2 * Bits)]++;
        }
        for (int pass = 0; pass < 3; pass++)
        {
            Span<int> start = starts.Slice(pass * Bins, Bins);
            int sum = 0;
            for (int i = 0; i < Bins; i++) (start[i], sum) = (sum, sum + start[i]);
            int shift = 32 + pass * Bits;
            for (int i = 0; i < count; i++)
            {
                ulong edge = from[i];
                to[start[(int)(edge >> shift) & (Bins - 1)]++] = edge;
            }
            (from, to) = (to, from);
        }
        return from;
    }
}
