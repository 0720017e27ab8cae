namespace IlgpuSpp.Engine.Ilgpu;

/// <summary>Where in a tile the two quads lie that a thread loads of a factor.</summary>
internal struct QuadPlaces
{
    public int Outer0, Outer1, Depth0, Depth1;
}

/// <summary>The two quads that a thread loads of a factor, a step ahead of the sums, and what it needs to find the next.</summary>
internal struct FactorQuads<T>
    where T : struct, IProductSource<T>
{
    public Float4 Quad0, Quad1;

    /// <summary>The depth of the first quad; the second factor may follow it.</summary>
    public TileDepth At0;

    private readonly TileLine _line0, _line1;
    private TileDepth _at1;

    /// <summary>Prepares the lines of the quads.</summary>
    /// <param name="source">The factor, of this part.</param>
    /// <param name="places">Where its quads lie.</param>
    /// <param name="first">First row or column of the tile.</param>
    /// <param name="part">Channel group or stride phase.</param>
    public FactorQuads(T source, QuadPlaces places, int first, int part)
    {
        _line0 = source.Prepare(first + places.Outer0, part);
        _line1 = source.Prepare(first + places.Outer1, part);
    }

    /// <summary>Goes to the first step; <paramref name="other"/> is the place of the first factor, for one that follows it.</summary>
    public void Start(T source, QuadPlaces places, int begin, TileDepth other)
    {
        At0 = T.FollowsA ? other : source.Start(begin + places.Depth0);
        _at1 = T.AlongDepth ? At0 : source.Start(begin + places.Depth1);
    }

    /// <summary>Goes one step on.</summary>
    public void Next(T source, TileDepth other)
    {
        At0 = T.FollowsA ? other : source.Next(At0);
        _at1 = T.AlongDepth ? At0 : source.Next(_at1);
    }

    public void Load(T source, int end)
    {
        Quad0 = source.Load(_line0, At0, end);
        Quad1 = source.Load(_line1, _at1, end);
    }
}
