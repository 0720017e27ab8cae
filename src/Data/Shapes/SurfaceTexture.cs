using System.Numerics;

namespace IlgpuSpp.Data;

/// <summary>A pattern of two colours that fills a background, a shape or a distractor.</summary>
internal readonly struct SurfaceTexture
{
    private readonly Pattern _pattern;
    private readonly Vector3 _first, _step;
    private readonly Vector2 _along, _across, _offset;
    private readonly float _sharpness;

    private enum Pattern
    {
        Plain,
        Gradient,
        Stripes,
        Checks,
        Dots,
        Marble,
        Cloud,
    }

    /// <summary>Draws a pattern at random.</summary>
    /// <param name="random">The numbers.</param>
    /// <param name="first">The main colour, 0 to 255 a channel.</param>
    /// <param name="second">The other colour.</param>
    /// <param name="period">Length of the pattern in pixels.</param>
    public SurfaceTexture(RandomStream random, Vector3 first, Vector3 second, float period)
    {
        _pattern = (Pattern)random.NextInt(7);
        float angle = random.NextUniform(0, 2 * MathF.PI), scale = 1 / period;
        _along = new Vector2(MathF.Cos(angle), MathF.Sin(angle)) * scale;
        _across = new Vector2(-_along.Y, _along.X);
        _offset = new Vector2(random.NextUniform(0, 16), random.NextUniform(0, 16));
        _sharpness = random.NextUniform(2, 8);
        _first = first;
        _step = second - first;
    }

    /// <summary>The colour at a pixel.</summary>
    public Vector3 At(float x, float y, NoiseLattice noise)
    {
        var place = new Vector2(x, y);
        float u = Vector2.Dot(_along, place) + _offset.X, v = Vector2.Dot(_across, place) + _offset.Y;
        float share = _pattern switch
        {
            Pattern.Plain => 0.25f * noise.At(u, v),
            Pattern.Gradient => Triangle(0.25f * u),
            Pattern.Stripes => Edge(Triangle(u) - 0.5f),
            Pattern.Checks => Edge((Triangle(u) - 0.5f) * (Triangle(v) - 0.5f) * 4),
            Pattern.Dots => Edge(0.32f - Vector2.Distance(new Vector2(u - MathF.Floor(u), v - MathF.Floor(v)), new Vector2(0.5f))),
            Pattern.Marble => Edge(Triangle(u + 1.5f * noise.Fractal(0.6f * u, 0.6f * v)) - 0.5f),
            _ => Math.Clamp(2.2f * noise.Fractal(u, v) - 0.6f, 0, 1),
        };
        return _first + share * _step;
    }

    // 0 to 1 and back, with period 1.
    private static float Triangle(float t) => MathF.Abs(2 * (t - MathF.Floor(t)) - 1);

    private float Edge(float t) => Math.Clamp(t * _sharpness + 0.5f, 0, 1);
}
