using System.Numerics;

namespace IlgpuSpp.Data;

/// <summary>
/// Paints one image: a patterned background, distractors (irregular blobs, strokes), the shapes, a few things in front of
/// them, light, blur and noise. All follows from the key; the classes of the shapes change nothing but their outlines.
/// </summary>
internal sealed class ShapesPainter
{
    private const double MaxTurn = Math.PI / 6;

    private readonly ShapesOptions _options;
    private readonly RandomStream _random;
    private readonly RandomKey _noiseKey;
    private readonly NoiseLattice _lattice;
    private readonly PolygonMask _mask;
    private readonly Vector3[] _pixels;
    private readonly int _width, _height;
    private readonly List<ShapeObject> _objects = [];

    private ShapesPainter(ShapesOptions options, RandomKey key)
    {
        _options = options;
        _random = new RandomStream(key);
        _noiseKey = key with { Stream = DataStreams.ShapeNoise };
        _lattice = new NoiseLattice(key with { Stream = DataStreams.ShapeNoise, Step = ~key.Step });
        (_width, _height) = DrawSize();
        _mask = new PolygonMask(_width, _height);
        _pixels = new Vector3[_width * _height];
    }

    private float SmallerSide => Math.Min(_width, _height);

    /// <summary>Paints one shape, large and anywhere.</summary>
    public static ShapesScene Single(ShapesOptions options, RandomKey key, ShapeKind kind)
    {
        var painter = new ShapesPainter(options, key);
        Vector3 ground = painter.PaintBackground();
        float radius = painter.Between(options.MinObjectShare, options.MaxObjectShare) * painter.SmallerSide / 2;
        var centre = new Vector2(painter.Inside(radius, painter._width), painter.Inside(radius, painter._height));
        painter.PaintShape(kind, centre, radius, ground);
        painter.PaintForeground();
        return painter.Finish();
    }

    /// <summary>Paints several shapes that hardly overlap.</summary>
    public static ShapesScene Several(ShapesOptions options, RandomKey key, int most)
    {
        var painter = new ShapesPainter(options, key);
        RandomStream random = painter._random;
        Vector3 ground = painter.PaintBackground();
        int wanted = 1 + random.NextInt(most);
        var placed = new List<(Vector2 Centre, float Radius)>();
        for (int attempt = 0; attempt < 12 * wanted && placed.Count < wanted; attempt++)
        {
            float radius = painter.Between(options.MinObjectShare, options.MaxObjectShare) * painter.SmallerSide / (2 * MathF.Sqrt(wanted));
            var centre = new Vector2(painter.Inside(radius, painter._width), painter.Inside(radius, painter._height));
            var kind = (ShapeKind)random.NextInt(ShapesSource.ClassCount);
            if (placed.Exists(p => Vector2.Distance(p.Centre, centre) < 0.9f * (p.Radius + radius))) continue;
            placed.Add((centre, radius));
            painter.PaintShape(kind, centre, radius, ground);
        }
        painter.PaintForeground();
        return painter.Finish();
    }

    private (int Width, int Height) DrawSize()
    {
        double aspect = Math.Exp(Math.Log(_options.MaxAspect) * (2 * _random.NextUniform() - 1));
        double area = (double)_options.MinSide * _options.MaxSide;
        double side = Math.Sqrt(area) * Math.Exp(0.25 * (2 * _random.NextUniform() - 1));
        return (Side(side * Math.Sqrt(aspect)), Side(side / Math.Sqrt(aspect)));

        int Side(double length) => Math.Clamp((int)Math.Round(length), _options.MinSide, _options.MaxSide);
    }

    // A place along a side such that a circle stays inside the image, but for a twentieth of its diameter; the middle is
    // likelier than the ends, as in photographs.
    private float Inside(float radius, int side)
    {
        float margin = Math.Min(0.9f * radius, side / 2f);
        return (Between(margin, side - margin) + Between(margin, side - margin)) / 2;
    }

    private Vector3 PaintBackground()
    {
        Vector3 ground = MutedColour(), other = Blend(ground, MutedColour(), Between(0.2, 0.8));
        var texture = new SurfaceTexture(_random, ground, other, Between(0.12, 0.6) * SmallerSide);
        for (int y = 0; y < _height; y++)
        {
            for (int x = 0; x < _width; x++) _pixels[y * _width + x] = texture.At(x, y, _lattice);
        }

        int things = (int)Math.Round(_options.Clutter * (2 + _random.NextInt(6)));
        for (int i = 0; i < things; i++)
        {
            Vector3 colour = Blend(ground, MutedColour(), Between(0.4, 1));
            if (_random.NextUniform() < 0.5f) PaintBlob(colour, Between(0.05, 0.22) * SmallerSide);
            else PaintStroke(colour, Between(0.8, 3.5));
        }
        return (ground + other) / 2;
    }

    private void PaintShape(ShapeKind kind, Vector2 centre, float radius, Vector3 ground)
    {
        Vector2[][] outline = ShapeOutline.Of(kind, _random);
        float turn = Between(-MaxTurn, MaxTurn), stretch = MathF.Exp(Between(-0.2, 0.2)), shear = Between(-0.15, 0.15);
        Vector2 right = new Vector2(MathF.Cos(turn), MathF.Sin(turn)), down = new Vector2(-right.Y, right.X);

        // The stretched and sheared shape is scaled back so that its radius is the one asked for.
        float reach = 0;
        foreach (Vector2[] polygon in outline)
        {
            for (int i = 0; i < polygon.Length; i++)
            {
                Vector2 p = new((polygon[i].X + shear * polygon[i].Y) * stretch, polygon[i].Y / stretch);
                polygon[i] = p.X * right + p.Y * down;
                reach = Math.Max(reach, polygon[i].Length());
            }
        }
        foreach (Vector2[] polygon in outline)
        {
            for (int i = 0; i < polygon.Length; i++) polygon[i] = centre + polygon[i] * (radius / reach);
        }

        Vector3 main = VividColour(ground), other = Blend(main, VividColour(ground), Between(0, 0.4));
        var texture = new SurfaceTexture(_random, main, other, Between(0.12, 0.5) * 2 * radius);
        float shadow = _random.NextUniform() < 0.4f ? Between(0.2, 0.5) : 0;
        Vector2 fall = new Vector2(Between(-0.12, 0.12), Between(-0.12, 0.12)) * radius;
        float shading = Between(0, 0.35), lightAngle = Between(0, 2 * Math.PI);
        Vector2 light = new Vector2(MathF.Cos(lightAngle), MathF.Sin(lightAngle)) * (shading / radius);

        if (shadow > 0)
        {
            Vector2[][] moved = [.. outline.Select(polygon => Array.ConvertAll(polygon, p => p + fall))];
            _mask.Fill(moved);
            ForEachCovered((ref Vector3 pixel, float coverage, int x, int y) => pixel *= 1 - shadow * coverage);
        }

        _mask.Fill(outline);
        ForEachCovered((ref Vector3 pixel, float coverage, int x, int y) =>
        {
            Vector3 colour = texture.At(x, y, _lattice) * (1 + Vector2.Dot(light, new Vector2(x, y) - centre));
            pixel = Blend(pixel, colour, coverage);
        });
        if (_mask.IsEmpty) return;
        _objects.Add(new ShapeObject(kind, BoxOf(outline)));
    }

    private PixelRegion BoxOf(Vector2[][] outline)
    {
        Vector2 low = new(_width, _height), high = Vector2.Zero;
        foreach (Vector2 p in outline.SelectMany(polygon => polygon)) (low, high) = (Vector2.Min(low, p), Vector2.Max(high, p));
        low = Vector2.Max(low, Vector2.Zero);
        high = Vector2.Min(high, new Vector2(_width, _height));
        return new PixelRegion(low.X, low.Y, high.X - low.X, high.Y - low.Y);
    }

    private void PaintForeground()
    {
        int strokes = (int)Math.Round(_options.Clutter * _random.NextInt(4));
        for (int i = 0; i < strokes; i++) PaintStroke(MutedColour(), Between(0.7, 2));
        if (_random.NextUniform() < 0.3 * _options.Clutter) PaintBlob(MutedColour(), Between(0.04, 0.1) * SmallerSide);
    }

    private void PaintBlob(Vector3 colour, float radius)
    {
        Vector2 centre = new(_random.NextUniform(0, _width), _random.NextUniform(0, _height));
        Vector2[] outline = ShapeOutline.Blob(_random);
        for (int i = 0; i < outline.Length; i++) outline[i] = centre + outline[i] * radius;
        var texture = new SurfaceTexture(_random, colour, Blend(colour, MutedColour(), 0.4f), Between(0.3, 1.2) * radius);
        _mask.Fill([outline]);
        ForEachCovered((ref Vector3 pixel, float coverage, int x, int y) => pixel = Blend(pixel, texture.At(x, y, _lattice), coverage));
    }

    // A band along a curve with one control point.
    private void PaintStroke(Vector3 colour, float thickness)
    {
        const int Steps = 10;
        float reach = Between(0.2, 0.9) * SmallerSide, angle = Between(0, 2 * Math.PI);
        Vector2 from = new(_random.NextUniform(0, _width), _random.NextUniform(0, _height));
        Vector2 to = from + reach * new Vector2(MathF.Cos(angle), MathF.Sin(angle));
        Vector2 control = (from + to) / 2 + Between(-0.4, 0.4) * reach * new Vector2(-MathF.Sin(angle), MathF.Cos(angle));
        var band = new Vector2[2 * Steps];
        for (int i = 0; i < Steps; i++)
        {
            float t = (float)i / (Steps - 1);
            Vector2 place = Blend(Blend(from, control, t), Blend(control, to, t), t);
            Vector2 direction = Vector2.Normalize(Blend(control - from, to - control, t) + new Vector2(1e-6f));
            Vector2 side = new Vector2(-direction.Y, direction.X) * (thickness / 2);
            band[i] = place + side;
            band[2 * Steps - 1 - i] = place - side;
        }
        _mask.Fill([band]);
        ForEachCovered((ref Vector3 pixel, float coverage, int x, int y) => pixel = Blend(pixel, colour, coverage));
    }

    private ShapesScene Finish()
    {
        float angle = Between(0, 2 * Math.PI), slope = Between(0, 0.5), level = Between(0.8, 1.1);
        Vector2 fall = new Vector2(MathF.Cos(angle), MathF.Sin(angle)) * (slope / Math.Max(_width, _height));
        Vector2 middle = new(_width / 2f, _height / 2f);
        for (int y = 0; y < _height; y++)
        {
            for (int x = 0; x < _width; x++) _pixels[y * _width + x] *= level * (1 + Vector2.Dot(fall, new Vector2(x, y) - middle));
        }
        if (_random.NextUniform() < 0.3f) Blur();

        float noise = Between(0, _options.MaxNoise);
        return new ShapesScene(Quantised(noise), _objects);
    }

    // The binomial kernel 1 2 1 both ways.
    private void Blur()
    {
        for (int y = 0; y < _height; y++)
        {
            Vector3 before = _pixels[y * _width];
            for (int x = 0; x < _width; x++)
            {
                Vector3 here = _pixels[y * _width + x], after = _pixels[y * _width + Math.Min(x + 1, _width - 1)];
                _pixels[y * _width + x] = (before + 2 * here + after) / 4;
                before = here;
            }
        }
        for (int x = 0; x < _width; x++)
        {
            Vector3 before = _pixels[x];
            for (int y = 0; y < _height; y++)
            {
                Vector3 here = _pixels[y * _width + x], after = _pixels[Math.Min(y + 1, _height - 1) * _width + x];
                _pixels[y * _width + x] = (before + 2 * here + after) / 4;
                before = here;
            }
        }
    }

    // The sum of a random word's four bytes is close to normal: mean 510, standard deviation sqrt(4·(256² − 1)/12).
    private RgbImage Quantised(float deviation)
    {
        const float SumMean = 510, SumDeviation = 147.80054f;
        float scale = deviation / SumDeviation;
        var image = new RgbImage(_width, _height);
        byte[] bytes = image.Pixels;
        for (int i = 0; i < _pixels.Length; i++)
        {
            PhiloxBlock words = Philox.Block(_noiseKey, (ulong)i);
            Vector3 value = _pixels[i] + scale * new Vector3(ByteSum(words.X) - SumMean, ByteSum(words.Y) - SumMean, ByteSum(words.Z) - SumMean);
            value = Vector3.Clamp(value + new Vector3(0.5f), Vector3.Zero, new Vector3(255));
            bytes[3 * i] = (byte)value.X;
            bytes[3 * i + 1] = (byte)value.Y;
            bytes[3 * i + 2] = (byte)value.Z;
        }
        return image;
    }

    private static float ByteSum(uint word) => (word & 255) + ((word >> 8) & 255) + ((word >> 16) & 255) + (word >> 24);

    // Greyish and dark to middling: surroundings. Shapes are brighter, so that a small network finds them within a few epochs.
    private Vector3 MutedColour()
    {
        var grey = new Vector3(Between(10, 115));
        return Blend(grey, RandomColour(), Between(0.1, 0.35));
    }

    // Bright: the farthest of a few draws from what it has to stand out from.
    private Vector3 VividColour(Vector3 from)
    {
        Vector3 best = from;
        for (int i = 0; i < 3; i++)
        {
            float full = Between(205, 255), none = Between(70, 160), between = Between(none, full);
            Vector3 candidate = _random.NextInt(6) switch
            {
                0 => new(full, between, none),
                1 => new(between, full, none),
                2 => new(none, full, between),
                3 => new(none, between, full),
                4 => new(between, none, full),
                _ => new(full, none, between),
            };
            if (Vector3.DistanceSquared(candidate, from) > Vector3.DistanceSquared(best, from)) best = candidate;
        }
        return best;
    }

    private Vector3 RandomColour() => new Vector3(_random.NextUniform(), _random.NextUniform(), _random.NextUniform()) * 225 + new Vector3(15);

    // Rounded as a fused multiply-add rounds, which Lerp does only on processors that have it: the pictures are the same on all.
    private static Vector3 Blend(Vector3 a, Vector3 b, float share) => new(Blend(a.X, b.X, share), Blend(a.Y, b.Y, share), Blend(a.Z, b.Z, share));

    private static Vector2 Blend(Vector2 a, Vector2 b, float share) => new(Blend(a.X, b.X, share), Blend(a.Y, b.Y, share));

    private static float Blend(float a, float b, float share) => MathF.FusedMultiplyAdd(a, 1 - share, b * share);

    private float Between(double low, double high) => (float)(low + (high - low) * _random.NextUniform());

    private delegate void Painting(ref Vector3 pixel, float coverage, int x, int y);

    private void ForEachCovered(Painting paint)
    {
        for (int y = _mask.Top; y < _mask.Bottom; y++)
        {
            for (int x = _mask.Left; x < _mask.Right; x++)
            {
                float coverage = _mask[x, y];
                if (coverage > 0) paint(ref _pixels[y * _width + x], Math.Min(coverage, 1), x, y);
            }
        }
    }
}
