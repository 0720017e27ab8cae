using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace IlgpuSpp.Ops;

/// <summary>
/// A row of the table: one call of one operation at one shape. What is done with it are the columns: parity with its
/// reference in double precision (of backward operations by finite differences) or, where the shape is too large for that,
/// with the cpu device; for rows that are prepared once, the same bits at every number of threads and vector width, and
/// repetition without allocating.
/// </summary>
public sealed class OpCase
{
    private readonly Func<Bench, PreparedOp> _prepare;

    /// <summary>A row that is run once.</summary>
    /// <param name="name">Unique; begins with the operation's name.</param>
    /// <param name="tolerance">The largest error of an element, relative to the largest magnitude of its output.</param>
    /// <param name="run">Runs the call and downloads every output.</param>
    /// <param name="reference">The outputs in double precision; null for shapes of real networks.</param>
    public OpCase(string name, double tolerance, Func<Bench, float[][]> run, Func<double[][]>? reference)
    {
        Name = name;
        Tolerance = tolerance;
        Reference = reference;
        _prepare = bench =>
        {
            float[][] outputs = [];
            return new PreparedOp(() => outputs = run(bench), () => outputs);
        };
    }

    /// <summary>A row whose operands are prepared once and that may be run many times.</summary>
    /// <param name="name">Unique; begins with the operation's name.</param>
    /// <param name="sameAtEveryWidth">Whether every vector width gives the same bits; sums over lanes do not.</param>
    /// <param name="prepare">Puts the operands on a device.</param>
    public OpCase(string name, bool sameAtEveryWidth, Func<Bench, PreparedOp> prepare)
    {
        Name = name;
        SameAtEveryWidth = sameAtEveryWidth;
        _prepare = prepare;
    }

    public string Name { get; }

    /// <summary>The operation, or the family of operations, that the row belongs to.</summary>
    public string Operation => Name.Split(' ')[0];

    public double Tolerance { get; }

    public Func<double[][]>? Reference { get; }

    public bool SameAtEveryWidth { get; }

    public PreparedOp Prepare(Bench bench) => _prepare(bench);

    /// <summary>Every output after one run.</summary>
    public float[][] Run(Backend backend)
    {
        using var bench = new Bench(backend);
        PreparedOp op = Prepare(bench);
        op.Run();
        return op.Outputs();
    }

    /// <summary>A digest of the bits of every output after one run.</summary>
    public string Digest(Backend backend)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (float[] output in Run(backend)) hash.AppendData(MemoryMarshal.AsBytes<float>(output));
        return Convert.ToHexString(hash.GetHashAndReset(), 0, 8);
    }

    /// <summary>What is wrong with the row's outputs on a device; null where they are as close as they must be.</summary>
    /// <param name="backend">The device.</param>
    /// <param name="exact">The device that stands for the reference where the row has none.</param>
    /// <param name="floor">The tolerance is at least this: devices that round factors miss the rows' own.</param>
    public string? Miss(Backend backend, Backend exact, double floor = 0)
    {
        double[][] expected = Reference?.Invoke() ?? [.. Run(exact).Select(TestValues.ToDouble)];
        float[][] actual = Run(backend);
        double tolerance = Math.Max(Tolerance, floor);
        if (expected.Length != actual.Length) return $"{Name} on {backend.Device.Name}: {actual.Length} outputs, expected {expected.Length}";
        for (int output = 0; output < expected.Length; output++)
        {
            double[] e = expected[output];
            float[] a = actual[output];
            if (e.Length != a.Length) return $"{Name} on {backend.Device.Name}: output {output} has {a.Length} elements, expected {e.Length}";
            double scale = e.Length == 0 ? 0 : e.Where(v => !double.IsNaN(v)).Select(Math.Abs).DefaultIfEmpty(0).Max();
            for (int i = 0; i < e.Length; i++)
            {
                // Written so that a NaN fails where none is expected.
                bool close = double.IsNaN(e[i]) ? float.IsNaN(a[i]) : Math.Abs(a[i] - e[i]) <= tolerance * scale;
                if (!close)
                    return $"{Name} on {backend.Device.Name}: output {output}[{i}] is {a[i]}, expected {e[i]} (error {Math.Abs(a[i] - e[i]) / scale:G3} of the largest, allowed {tolerance:G3})";
            }
        }
        return null;
    }

    public override string ToString() => Name;
}

/// <summary>An operation with its operands on a device.</summary>
/// <param name="Run">Runs it; may be called again.</param>
/// <param name="Outputs">Downloads what it wrote.</param>
public sealed record PreparedOp(Action Run, Func<float[][]> Outputs)
{
    public PreparedOp(Action run, Tensor[] outputs, params Tensor<int>[] indices)
        : this(run, () => [.. outputs.Select(tensor => tensor.ToArray()), .. indices.Select(tensor => tensor.ToArray().ToFloat())])
    {
    }
}

/// <summary>Operands on a backend; disposing gives them back.</summary>
public sealed class Bench(Backend backend) : IDisposable
{
    private const float Poison = -7654.25f;

    private readonly List<IDisposable> _tensors = [];
    private readonly List<Tensor> _rooms = [];
    private readonly List<(Tensor Tensor, float[] Values, long Writes)> _put = [];

    public Backend Backend => backend;

    /// <summary>Whether no room has been written to.</summary>
    public bool Untouched => _rooms.All(room => room.ToArray().All(value => value == Poison));

    /// <summary>Shapes of operands whose content has changed without a write that was counted.</summary>
    public IReadOnlyList<Shape> ChangedUnseen => [.. _put.Where(put => put.Tensor.Buffer.Writes == put.Writes && !put.Tensor.ToArray().AsSpan().SequenceEqual(put.Values)).Select(put => put.Tensor.Shape)];

    public Tensor Put(float[] values, params ReadOnlySpan<int> extents) => Put(values, new Shape(extents));

    public Tensor Put(float[] values, Shape shape)
    {
        Tensor tensor = backend.Allocate(shape);
        _tensors.Add(tensor);
        tensor.Upload(values);
        _put.Add((tensor, [.. values], tensor.Buffer.Writes));
        return tensor;
    }

    public Tensor<int> Put(int[] values, params ReadOnlySpan<int> extents)
    {
        Tensor<int> tensor = IndexRoom(extents);
        tensor.Upload(values);
        return tensor;
    }

    /// <summary>An output, filled with a value that no operation produces by itself.</summary>
    public Tensor Room(params ReadOnlySpan<int> extents) => Room(new Shape(extents));

    public Tensor Room(Shape shape)
    {
        var poison = new float[shape.Count];
        Array.Fill(poison, Poison);
        Tensor tensor = Put(poison, shape);
        _rooms.Add(tensor);
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
