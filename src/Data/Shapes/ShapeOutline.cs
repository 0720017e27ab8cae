using System.Numerics;

namespace IlgpuSpp.Data;

/// <summary>The outlines of the shapes: closed polygons inside the unit circle, y downwards; a second one is a hole.</summary>
internal static class ShapeOutline
{
    private const int CircleSides = 44;

    /// <summary>The outline of a shape, with its own proportions varied a little.</summary>
    /// <returns>One or two closed polygons.</returns>
    public static Vector2[][] Of(ShapeKind kind, RandomStream random)
    {
        float vary = random.NextUniform(); // drawn for every kind, so that all that follows is the same for every class
        return kind switch
        {
            ShapeKind.Arrow => [Arrow(shaft: Mix(0.17f, 0.27f, vary))],
            ShapeKind.Circle => [Regular(CircleSides, 0.92f)],
            ShapeKind.Crescent => [Crescent(offset: Mix(0.42f, 0.6f, vary))],
            ShapeKind.Cross => [Cross(arm: Mix(0.24f, 0.34f, vary))],
            ShapeKind.Drop => [Drop(taper: Mix(1.2f, 2, vary))],
            ShapeKind.Heart => [Heart(depth: Mix(0.9f, 1.15f, vary))],
            ShapeKind.Ring => [Regular(CircleSides, 0.94f), Regular(CircleSides, Mix(0.42f, 0.62f, vary))],
            ShapeKind.Square => [Regular(4, 1)],
            ShapeKind.Star => [Star(inner: Mix(0.38f, 0.5f, vary))],
            ShapeKind.Triangle => [Regular(3, 1)],
            _ => throw new ArgumentOutOfRangeException(nameof(kind)),
        };
    }

    /// <summary>A closed, smooth, irregular outline: a circle whose radius swings with a few random waves.</summary>
    public static Vector2[] Blob(RandomStream random)
    {
        const int Sides = 28, Waves = 4;
        Span<float> amplitude = stackalloc float[Waves], phase = stackalloc float[Waves];
        for (int i = 0; i < Waves; i++)
        {
            amplitude[i] = random.NextUniform(0.05f, 0.28f) / (1 + 0.4f * i);
            phase[i] = random.NextUniform(0, 2 * MathF.PI);
        }
        var points = new Vector2[Sides];
        for (int i = 0; i < Sides; i++)
        {
            float angle = 2 * MathF.PI * i / Sides, radius = 0.7f;
            for (int w = 0; w < Waves; w++) radius += amplitude[w] * MathF.Sin((w + 1) * angle + phase[w]);
            points[i] = Polar(angle, Math.Clamp(radius, 0.15f, 1));
        }
        return points;
    }

    private static Vector2[] Regular(int sides, float radius)
    {
        var points = new Vector2[sides];
        for (int i = 0; i < sides; i++) points[i] = Polar(2 * MathF.PI * i / sides - MathF.PI / 2, radius);
        return points;
    }

    private static Vector2[] Star(float inner)
    {
        var points = new Vector2[10];
        for (int i = 0; i < points.Length; i++) points[i] = Polar(MathF.PI * i / 5 - MathF.PI / 2, i % 2 == 0 ? 1 : inner);
        return points;
    }

    private static Vector2[] Cross(float arm)
    {
        float reach = MathF.Sqrt(1 - arm * arm);
        return
        [
            new(-arm, -reach), new(arm, -reach), new(arm, -arm), new(reach, -arm), new(reach, arm), new(arm, arm),
            new(arm, reach), new(-arm, reach), new(-arm, arm), new(-reach, arm), new(-reach, -arm), new(-arm, -arm),
        ];
    }

    private static Vector2[] Arrow(float shaft) =>
        [new(0.98f, 0), new(0.2f, -0.68f), new(0.2f, -shaft), new(-0.95f, -shaft), new(-0.95f, shaft), new(0.2f, shaft), new(0.2f, 0.68f)];

    // The outer arc of a circle of radius 0.95 and the inner arc of an equal one moved right, between their two crossings.
    private static Vector2[] Crescent(float offset)
    {
        const float Radius = 0.95f;
        const int Steps = 26;
        float half = MathF.Acos(offset / 2 / Radius);
        var points = new Vector2[2 * Steps];
        for (int i = 0; i < Steps; i++)
        {
            float along = (float)i / (Steps - 1);
            points[i] = Polar(half + (2 * MathF.PI - 2 * half) * along, Radius);
            float inner = MathF.PI + half - 2 * half * along;
            points[Steps + i] = new Vector2(offset, 0) + Polar(2 * MathF.PI - inner, Radius) * new Vector2(1, -1);
        }
        for (int i = 0; i < points.Length; i++) points[i].X += offset / 4;
        return Fitted(points);
    }

    // The teardrop curve (cos t, sin t·sin^taper(t/2)), its point upwards.
    private static Vector2[] Drop(float taper)
    {
        const int Steps = 40;
        var points = new Vector2[Steps];
        for (int i = 0; i < Steps; i++)
        {
            float t = 2 * MathF.PI * i / Steps;
            points[i] = new Vector2(MathF.Sin(t) * MathF.Pow(MathF.Sin(t / 2), taper), -MathF.Cos(t));
        }
        return Fitted(points);
    }

    private static Vector2[] Heart(float depth)
    {
        const int Steps = 40;
        var points = new Vector2[Steps];
        for (int i = 0; i < Steps; i++)
        {
            float t = 2 * MathF.PI * i / Steps, sine = MathF.Sin(t);
            float y = 13 * MathF.Cos(t) - 5 * MathF.Cos(2 * t) - 2 * MathF.Cos(3 * t) - MathF.Cos(4 * t);
            points[i] = new Vector2(16 * sine * sine * sine, -y * depth);
        }
        return Fitted(points);
    }

    // Moves and scales a polygon so that its bounding box is centred and it touches the circle of radius 0.97.
    private static Vector2[] Fitted(Vector2[] points)
    {
        Vector2 low = points[0], high = points[0];
        foreach (Vector2 p in points) (low, high) = (Vector2.Min(low, p), Vector2.Max(high, p));
        Vector2 centre = (low + high) / 2;
        float reach = 0;
        foreach (Vector2 p in points) reach = Math.Max(reach, (p - centre).Length());
        for (int i = 0; i < points.Length; i++) points[i] = (points[i] - centre) * (0.97f / reach);
        return points;
    }

    private static Vector2 Polar(float angle, float radius) => new(radius * MathF.Cos(angle), radius * MathF.Sin(angle));

    private static float Mix(float a, float b, float t) => a + (b - a) * t;
}
