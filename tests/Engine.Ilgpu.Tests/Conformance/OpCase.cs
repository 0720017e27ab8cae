namespace IlgpuSpp.Engine.Ilgpu.Tests.Conformance;

/// <summary>
/// One call of one operation: how to run it on a backend, and what the loops in double precision say. Cases without a
/// reference are too large for it and are compared with the cpu backend.
/// </summary>
/// <param name="Name">Unique; begins with the operation's name.</param>
/// <param name="Tolerance">The largest error of an element, relative to the largest magnitude of its output.</param>
/// <param name="Run">Runs the call and downloads every output.</param>
/// <param name="Reference">The outputs in double precision; null for shapes of real networks.</param>
public sealed record OpCase(string Name, double Tolerance, Func<Bench, float[][]> Run, Func<double[][]>? Reference)
{
    public override string ToString() => Name;
}

/// <summary>Operands on a backend; disposing gives them back.</summary>
public sealed class Bench(Backend backend) : IDisposable
{
    private readonly List<IDisposable> _tensors = [];

    public Backend Backend => backend;

    public Tensor Put(float[] values, params ReadOnlySpan<int> extents)
    {
        Tensor tensor = Room(extents);
        tensor.Upload(values);
        return tensor;
    }

    public Tensor<int> Put(int[] values, params ReadOnlySpan<int> extents)
    {
        Tensor<int> tensor = IndexRoom(extents);
        tensor.Upload(values);
        return tensor;
    }

    /// <summary>An output, filled with a value that no operation produces by itself.</summary>
    public Tensor Room(params ReadOnlySpan<int> extents)
    {
        Tensor tensor = backend.Allocate(new Shape(extents));
        _tensors.Add(tensor);
        var poison = new float[tensor.Count];
        Array.Fill(poison, -7654.25f);
        tensor.Upload(poison);
        return tensor;
    }

    public Tensor<int> IndexRoom(params ReadOnlySpan<int> extents)
    {
        Tensor<int> tensor = backend.Allocate<int>(new Shape(extents));
        _tensors.Add(tensor);
        return tensor;
    }

    public void Dispose()
    {
        foreach (IDisposable tensor in _tensors) tensor.Dispose();
    }
}

/// <summary>Inputs of cases, the same everywhere, and conversions.</summary>
public static class Values
{
    /// <summary>Uniform numbers in [low, high).</summary>
    public static float[] Uniform(long count, uint stream, float low = -1, float high = 1)
    {
        var values = new float[count];
        var random = new RandomStream(new RandomKey(20140618, stream, 0));
        for (long i = 0; i < count; i++) values[i] = random.NextUniform(low, high);
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

    public static double[] ToDouble(this float[] values) => Array.ConvertAll(values, v => (double)v);

    public static double[] ToDouble(this int[] values) => Array.ConvertAll(values, v => (double)v);

    public static float[] ToFloat(this int[] values) => Array.ConvertAll(values, v => (float)v);

    /// <summary>
    /// dx[i] = Σ dy[j]·∂y[j]/∂x[i] by central differences of a function in double precision: the reference of every
    /// backward operation, derived from nothing but its forward one.
    /// </summary>
    public static double[] Gradient(Func<double[], double[]> forward, double[] x, double[] dy)
    {
        const double step = 1e-6;
        var gradient = new double[x.Length];
        for (int i = 0; i < x.Length; i++)
        {
            double at = x[i];
            x[i] = at + step;
            double[] above = forward(x);
            x[i] = at - step;
            double[] below = forward(x);
            x[i] = at;
            double sum = 0;
            for (int j = 0; j < dy.Length; j++) sum += dy[j] * (above[j] - below[j]);
            gradient[i] = sum / (2 * step);
        }
        return gradient;
    }

    public static double[] Plus(this double[] a, double[] b) => [.. a.Zip(b, (p, q) => p + q)];
}
