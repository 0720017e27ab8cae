namespace IlgpuSpp.Data;

/// <summary>Smooth noise: random values on a grid that repeats, interpolated between.</summary>
internal sealed class NoiseLattice
{
    private const int Side = 32;

    private readonly float[] _values = new float[Side * Side];

    public NoiseLattice(RandomKey key)
    {
        for (int i = 0; i < _values.Length; i += 4)
        {
            PhiloxBlock words = Philox.Block(key, (ulong)(i / 4));
            for (int j = 0; j < 4; j++) _values[i + j] = Philox.ToUniform(words[j]);
        }
    }

    /// <summary>The noise at a place, 0 to 1, with features one unit wide.</summary>
    public float At(float x, float y)
    {
        float floorX = MathF.Floor(x), floorY = MathF.Floor(y);
        float fx = Smooth(x - floorX), fy = Smooth(y - floorY);
        int x0 = (int)floorX & (Side - 1), y0 = ((int)floorY & (Side - 1)) * Side;
        int x1 = (x0 + 1) & (Side - 1), y1 = (y0 + Side) & (Side * Side - 1);
        float top = _values[y0 + x0] + (_values[y0 + x1] - _values[y0 + x0]) * fx;
        float bottom = _values[y1 + x0] + (_values[y1 + x1] - _values[y1 + x0]) * fx;
        return top + (bottom - top) * fy;
    }

    /// <summary>Three octaves of the noise, 0 to 1.</summary>
    public float Fractal(float x, float y) =>
        (4 * At(x, y) + 2 * At(2 * x + 5.3f, 2 * y + 1.7f) + At(4 * x + 9.1f, 4 * y + 6.2f)) / 7;

    private static float Smooth(float t) => t * t * (3 - 2 * t);
}
