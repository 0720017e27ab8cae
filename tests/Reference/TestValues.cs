using IlgpuSpp.Engine;

namespace IlgpuSpp.Reference;

/// <summary>Inputs for tests: repeatable, and the same on every machine.</summary>
public static class TestValues
{
    /// <summary>Uniform numbers in [low, high).</summary>
    public static float[] Uniform(long count, uint stream, float low = -1, float high = 1)
    {
        var random = new RandomStream(new RandomKey(20140618, stream, 0));
        var values = new float[count];
        for (int i = 0; i < values.Length; i++) values[i] = random.NextUniform(low, high);
        return values;
    }

    /// <summary>Distinct multiples of 1/64 around 0 in random order: no two closer than a finite difference reaches, none at a kink.</summary>
    public static float[] Distinct(long count, uint stream)
    {
        var values = new float[count];
        for (int i = 0; i < values.Length; i++) values[i] = (i - values.Length / 2 + 0.5f) / 64;
        new RandomStream(new RandomKey(20140618, stream, 1)).Shuffle(values.AsSpan());
        return values;
    }

    /// <summary>Small whole numbers, so that ties are common.</summary>
    public static float[] Whole(long count, uint stream, int bound)
    {
        var values = new float[count];
        var random = new RandomStream(new RandomKey(20140618, stream, 1));
        for (long i = 0; i < count; i++) values[i] = random.NextInt(bound);
        return values;
    }

    /// <summary>Uniform labels in 0 to classes − 1, every fifth −1 where asked for.</summary>
    public static int[] Labels(int count, int classes, uint stream, bool ignored = true)
    {
        var random = new RandomStream(new RandomKey(20140618, stream, 2));
        var labels = new int[count];
        for (int i = 0; i < count; i++) labels[i] = ignored && i % 5 == 3 ? -1 : random.NextInt(classes);
        return labels;
    }

    /// <summary>Windows inside a batch of maps: rows of (image, top, left, bottom, right), the ends excluded.</summary>
    public static int[] Windows(Shape map, int count, uint stream)
    {
        var random = new RandomStream(new RandomKey(20140618, stream, 3));
        var windows = new int[5 * count];
        for (int i = 0; i < count; i++)
        {
            int top = random.NextInt(map.Height), left = random.NextInt(map.Width);
            new[]
            {
                random.NextInt(map.Batch), top, left,
                top + 1 + random.NextInt(map.Height - top), left + 1 + random.NextInt(map.Width - left),
            }.CopyTo(windows, 5 * i);
        }
        return windows;
    }

    public static double[] ToDouble(this float[] values) => Array.ConvertAll(values, value => (double)value);

    public static double[] ToDouble(this int[] values) => Array.ConvertAll(values, value => (double)value);

    public static float[] ToFloat(this int[] values) => Array.ConvertAll(values, value => (float)value);

    public static double[] Plus(this double[] a, double[] b) => [.. a.Zip(b, (p, q) => p + q)];

    public static Tensor Tensor(this Backend backend, Shape shape, float[] values)
    {
        Tensor tensor = backend.Allocate(shape);
        tensor.Upload(values);
        return tensor;
    }

    public static Tensor<int> Index(this Backend backend, Shape shape, int[] values)
    {
        Tensor<int> tensor = backend.Allocate<int>(shape);
        tensor.Upload(values);
        return tensor;
    }

    /// <summary>A tensor full of a value that no operation gives: what is not written is seen.</summary>
    public static Tensor Unwritten(this Backend backend, Shape shape)
    {
        var values = new float[shape.Count];
        Array.Fill(values, -12345.678f);
        return backend.Tensor(shape, values);
    }
}
