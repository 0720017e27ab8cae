using System.Numerics;

namespace IlgpuSpp.Data;

/// <summary>
/// Coverage of the pixels of an image by polygons, by the even-odd rule: four scan lines a pixel row, exact along each line.
/// Reused from polygon to polygon; only the rectangle <see cref="Left"/> to <see cref="Bottom"/> holds meaning.
/// </summary>
internal sealed class PolygonMask(int width, int height)
{
    private const int LinesPerRow = 4;

    private readonly float[] _coverage = new float[width * height];
    private float[] _crossings = new float[64];

    /// <summary>The touched rectangle; right and bottom are one past the last pixel.</summary>
    public int Left { get; private set; }

    public int Top { get; private set; }

    public int Right { get; private set; }

    public int Bottom { get; private set; }

    /// <summary>Whether no pixel is touched.</summary>
    public bool IsEmpty => Left >= Right || Top >= Bottom;

    /// <summary>The coverage of one pixel of the touched rectangle, 0 to 1.</summary>
    public float this[int x, int y] => _coverage[y * width + x];

    /// <summary>Draws closed polygons in pixel coordinates.</summary>
    public void Fill(ReadOnlySpan<Vector2[]> polygons)
    {
        Vector2 low = new(float.MaxValue), high = new(float.MinValue);
        int edges = 0;
        foreach (Vector2[] polygon in polygons)
        {
            foreach (Vector2 p in polygon) (low, high) = (Vector2.Min(low, p), Vector2.Max(high, p));
            edges += polygon.Length;
        }
        Left = (int)Math.Clamp(MathF.Floor(low.X), 0, width);
        Top = (int)Math.Clamp(MathF.Floor(low.Y), 0, height);
        Right = (int)Math.Clamp(MathF.Ceiling(high.X), 0, width);
        Bottom = (int)Math.Clamp(MathF.Ceiling(high.Y), 0, height);
        if (IsEmpty) return;
        if (_crossings.Length < edges) _crossings = new float[edges];

        for (int y = Top; y < Bottom; y++)
        {
            Span<float> row = _coverage.AsSpan(y * width, width);
            row[Left..Right].Clear();
            for (int line = 0; line < LinesPerRow; line++)
            {
                int count = Cross(polygons, y + (line + 0.5f) / LinesPerRow);
                Span<float> crossings = _crossings.AsSpan(0, count);
                crossings.Sort();
                for (int i = 0; i + 1 < count; i += 2) AddSpan(row, crossings[i], crossings[i + 1]);
            }
        }
    }

    private int Cross(ReadOnlySpan<Vector2[]> polygons, float y)
    {
        int count = 0;
        foreach (Vector2[] polygon in polygons)
        {
            Vector2 from = polygon[^1];
            foreach (Vector2 to in polygon)
            {
                if (from.Y <= y != to.Y <= y) _crossings[count++] = from.X + (y - from.Y) / (to.Y - from.Y) * (to.X - from.X);
                from = to;
            }
        }
        return count;
    }

    private void AddSpan(Span<float> row, float from, float to)
    {
        const float Share = 1f / LinesPerRow;
        from = Math.Max(from, Left);
        to = Math.Min(to, Right);
        if (to <= from) return;
        int first = (int)from, last = Math.Min((int)to, Right - 1);
        if (first == last)
        {
            row[first] += (to - from) * Share;
            return;
        }
        row[first] += (first + 1 - from) * Share;
        for (int x = first + 1; x < last; x++) row[x] += Share;
        row[last] += (to - last) * Share;
    }
}
