using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace IlgpuSpp.Detection;

/// <summary>
/// Hierarchical grouping (Uijlings et al., IJCV 2013, algorithm 1): again and again the two most similar neighbours become
/// one region, until one is left. Similarities wait in a heap; those of regions merged since are passed over when they
/// come up. Ties go to the lower region numbers, so the result does not depend on the heap.
/// </summary>
internal sealed class RegionGrouping
{
    private readonly RegionSet _regions;
    private readonly RegionSimilarity _similarity;
    private readonly int[] _sizes;
    private readonly RegionExtent[] _extents;
    private readonly float[] _colour, _texture;
    private readonly List<int>[] _neighbours;
    private readonly bool[] _merged;
    private readonly int[] _seenBy;
    private readonly PriorityQueue<(int A, int B), Candidate> _queue = new();

    private RegionGrouping(RegionSet regions, RegionSimilarity similarity)
    {
        _regions = regions;
        _similarity = similarity;
        int total = 2 * regions.Count - 1;
        _sizes = Extended(regions.Sizes, total);
        _extents = Extended(regions.Extents, total);
        _colour = similarity.HasFlag(RegionSimilarity.Colour) ? Extended(regions.Colour, total * regions.ColourStride) : [];
        _texture = similarity.HasFlag(RegionSimilarity.Texture) ? Extended(regions.Texture, total * regions.TextureStride) : [];
        _neighbours = new List<int>[total];
        _merged = new bool[total];
        _seenBy = new int[total];
    }

    /// <summary>Groups regions.</summary>
    /// <returns>The boxes of all 2n − 1 regions: first the n given ones, then each merged one in the order of merging, the whole image last.</returns>
    public static RegionExtent[] Group(RegionSet regions, RegionSimilarity similarity) => new RegionGrouping(regions, similarity).Run();

    private RegionExtent[] Run()
    {
        for (int i = 0; i < _regions.Count; i++) _neighbours[i] = [];
        foreach ((int a, int b) in _regions.Neighbours)
        {
            _neighbours[a].Add(b);
            _neighbours[b].Add(a);
            _queue.Enqueue((a, b), new Candidate(Similarity(a, b), a, b));
        }
        for (int next = _regions.Count; next < _extents.Length; next++)
        {
            int a, b;
            do (a, b) = _queue.Dequeue();
            while (_merged[a] || _merged[b]);
            Merge(a, b, next);
        }
        return _extents;
    }

    private void Merge(int a, int b, int into)
    {
        float shareA = (float)_sizes[a] / (_sizes[a] + _sizes[b]);
        Mix(_colour, _regions.ColourStride, a, b, into, shareA);
        Mix(_texture, _regions.TextureStride, a, b, into, shareA);
        _sizes[into] = _sizes[a] + _sizes[b];
        _extents[into] = _extents[a].Union(_extents[b]);
        _merged[a] = _merged[b] = true;
        var around = new List<int>(_neighbours[a].Count + _neighbours[b].Count);
        Gather(_neighbours[a], around, into);
        Gather(_neighbours[b], around, into);
        _neighbours[into] = around;
        _neighbours[a] = _neighbours[b] = [];
        foreach (int other in CollectionsMarshal.AsSpan(around))
        {
            _neighbours[other].Add(into);
            _queue.Enqueue((other, into), new Candidate(Similarity(other, into), other, into));
        }
    }

    private void Gather(List<int> from, List<int> around, int into)
    {
        foreach (int other in CollectionsMarshal.AsSpan(from))
        {
            if (_merged[other] || _seenBy[other] == into) continue;
            _seenBy[other] = into;
            around.Add(other);
        }
    }

    private float Similarity(int a, int b)
    {
        float sum = 0;
        if (_colour.Length > 0) sum += Intersection(_colour, _regions.ColourStride, a, b);
        if (_texture.Length > 0) sum += Intersection(_texture, _regions.TextureStride, a, b);
        long together = (long)_sizes[a] + _sizes[b];
        if (_similarity.HasFlag(RegionSimilarity.Size)) sum += 1 - (float)together / _regions.Pixels;
        if (_similarity.HasFlag(RegionSimilarity.Fill)) sum += 1 - (float)(_extents[a].Union(_extents[b]).Area - together) / _regions.Pixels;
        return sum;
    }

    private static float Intersection(float[] histograms, int stride, int a, int b)
    {
        ReadOnlySpan<float> first = histograms.AsSpan(a * stride, stride), second = histograms.AsSpan(b * stride, stride);
        Vector256<float> sum = Vector256<float>.Zero;
        for (int i = 0; i < stride; i += Vector256<float>.Count)
            sum += Vector256.Min(Vector256.Create(first[i..]), Vector256.Create(second[i..]));
        return Vector256.Sum(sum);
    }

    private static void Mix(float[] histograms, int stride, int a, int b, int into, float shareA)
    {
        if (histograms.Length == 0) return;
        ReadOnlySpan<float> first = histograms.AsSpan(a * stride, stride), second = histograms.AsSpan(b * stride, stride);
        Span<float> to = histograms.AsSpan(into * stride, stride);
        for (int i = 0; i < stride; i += Vector256<float>.Count)
            (Vector256.Create(first[i..]) * shareA + Vector256.Create(second[i..]) * (1 - shareA)).CopyTo(to[i..]);
    }

    private static T[] Extended<T>(T[] values, int length)
    {
        var result = new T[length];
        values.CopyTo(result, 0);
        return result;
    }

    private readonly record struct Candidate(float Similarity, int A, int B) : IComparable<Candidate>
    {
        public int CompareTo(Candidate other)
        {
            int order = other.Similarity.CompareTo(Similarity);
            if (order == 0) order = A.CompareTo(other.A);
            return order != 0 ? order : B.CompareTo(other.B);
        }
    }
}
