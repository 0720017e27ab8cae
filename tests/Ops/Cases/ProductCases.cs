namespace IlgpuSpp.Ops;

internal static class ProductCases
{
    private const double Tolerance = 4e-6;

    public static IEnumerable<OpCase> All()
    {
        // Below, at and above the tile's side; rows that are no multiple of four; depths that end inside a step.
        foreach (var (m, n, k) in ((int, int, int)[])[(1, 1, 1), (5, 3, 2), (32, 32, 8), (33, 36, 13), (7, 70, 19)])
            foreach (bool ta in (bool[])[false, true])
                foreach (bool tb in (bool[])[false, true])
                    yield return Gemm(m, n, k, ta, tb, 1, 0, reference: true);
        yield return Gemm(9, 12, 8, false, true, 0.5f, 2, reference: true);
        foreach (var (rows, inputs, outputs) in ((int, int, int)[])[(1, 9, 4), (6, 40, 33)])
            foreach (OpCase c in Linear(rows, inputs, outputs, reference: true))
                yield return c;
        foreach (var (rows, inputs, outputs) in ((int, int, int)[])[(1, 9, 4), (2, 40, 33), (3, 64, 16), (13, 71, 17)])
            foreach (bool signed in (bool[])[false, true])
                yield return Int8(rows, inputs, outputs, signed);
    }

    /// <summary>The fully connected layers of ZF-5 at batch 16, and products with edges on every tile.</summary>
    public static IEnumerable<OpCase> Real()
    {
        yield return Gemm(257, 513, 300, false, false, 1, 0, reference: false);
        yield return Gemm(257, 513, 300, true, true, 1, 0, reference: false);
        yield return Gemm(130, 66, 5003, false, true, 1, 0, reference: false);
        foreach (OpCase c in Linear(16, 12800, 1024, reference: false)) yield return c;
    }

    public static IEnumerable<OpCase> Segmented()
    {
        foreach (int columns in (int[])[3, 16, 40]) yield return Gemm(50, columns, 700, false, false, 0.7f, 0.3f, reference: false);
        yield return Gemm(50, 19, 700, true, true, 1, 1, reference: false);
        foreach (int rows in (int[])[1, 2, 7, 12, 27, 45])
            foreach (OpCase c in Linear(rows, 700, 37, reference: false))
                yield return c;
        foreach (int rows in (int[])[2, 255]) yield return Int8(rows, 2101, 37, signed: true);
    }

    private static OpCase Gemm(int m, int n, int k, bool ta, bool tb, float alpha, float beta, bool reference)
    {
        float[] a = TestValues.Uniform((long)m * k, 11), b = TestValues.Uniform((long)k * n, 12), c = TestValues.Uniform((long)m * n, 13);
        return new($"Gemm {m}x{n}x{k} {(ta ? "T" : "N")}{(tb ? "T" : "N")} beta {beta}", Tolerance, t =>
        {
            Tensor result = t.Put(c, m, n);
            t.Backend.Gemm(ta, tb, alpha, ta ? t.Put(a, k, m) : t.Put(a, m, k), tb ? t.Put(b, n, k) : t.Put(b, k, n), beta, result);
            return [result.ToArray()];
        }, !reference ? null : () =>
        {
            var expected = new double[m * n];
            for (int i = 0; i < m; i++)
                for (int j = 0; j < n; j++)
                {
                    double sum = 0;
                    for (int l = 0; l < k; l++) sum += (double)a[ta ? l * m + i : i * k + l] * b[tb ? j * k + l : l * n + j];
                    expected[i * n + j] = alpha * sum + (beta == 0 ? 0 : beta * c[i * n + j]);
                }
            return [expected];
        });
    }

    // Inputs and weights that are whole steps of their rows lose nothing to rounding, so that devices without such a product agree.
    private static OpCase Int8(int rows, int inputs, int outputs, bool signed)
    {
        float[] x = Steps(rows, inputs, 61, signed ? -63 : 0, signed ? 63 : 127, 0.25f), w = Steps(outputs, inputs, 62, -127, 127, 0.125f), bias = TestValues.Uniform(outputs, 63);
        Activation f = Activation.Relu;
        return new($"LinearForwardInt8 {rows}x{inputs}->{outputs}{(signed ? " signed" : "")}", Tolerance, t =>
        {
            Tensor xt = t.Put(x, rows, inputs), wt = t.Put(w, outputs, inputs), bt = t.Put(bias, outputs), y = t.Room(rows, outputs);
            using PackedInt8? packed = t.Backend.PackInt8(wt);
            if (packed is not null) t.Backend.LinearForward(xt, packed, bt, y, f);
            else t.Backend.LinearForward(xt, wt, bt, y, f);
            return [y.ToArray()];
        }, () => [ReferenceActivation.Apply(f, ReferenceLinear.Forward(x, w, bias, rows, inputs, outputs).Value)]);
    }

    // Whole numbers of steps, every row with its largest.
    private static float[] Steps(int rows, int length, uint stream, int least, int most, float step)
    {
        float[] values = [.. TestValues.Uniform((long)rows * length, stream).Select(value => step * Math.Clamp(MathF.Round(value * 128), least, most))];
        for (int row = 0; row < rows; row++) values[row * length + row % length] = step * most;
        return values;
    }

    private static IEnumerable<OpCase> Linear(int rows, int inputs, int outputs, bool reference)
    {
        float[] x = TestValues.Uniform((long)rows * inputs, 21), w = TestValues.Uniform((long)outputs * inputs, 22), bias = TestValues.Uniform(outputs, 23);
        float[] dy = TestValues.Uniform((long)rows * outputs, 24), dw = TestValues.Uniform((long)outputs * inputs, 25), dBias = TestValues.Uniform(outputs, 26);
        string size = $"{rows}x{inputs}->{outputs}";
        foreach (Activation f in reference ? (Activation[])[Activation.None, Activation.Relu, new(ActivationKind.LeakyRelu, 0.2f), new(ActivationKind.Sigmoid), new(ActivationKind.Relu6), new(ActivationKind.HardSigmoid, 0.9f)] : [Activation.Relu])
        {
            // 12800 products summed in two different orders differ by more than a short sum does from the exact one.
            yield return new($"LinearForward {size} {f.Kind}", reference ? Tolerance : 2e-5, t =>
            {
                Tensor y = t.Room(rows, outputs);
                t.Backend.LinearForward(t.Put(x, rows, inputs), t.Put(w, outputs, inputs), t.Put(bias, outputs), y, f);
                return [y.ToArray()];
            }, !reference ? null : () => [ReferenceActivation.Apply(f, ReferenceLinear.Forward(x, w, bias, rows, inputs, outputs).Value)]);
        }
        yield return new($"LinearBackwardInput {size}", Tolerance, t =>
        {
            Tensor dx = t.Room(rows, inputs);
            t.Backend.LinearBackwardInput(t.Put(dy, rows, outputs), t.Put(w, outputs, inputs), dx);
            return [dx.ToArray()];
        }, !reference ? null : () => [ReferenceLinear.InputGradient(dy, w, rows, inputs, outputs).Value]);
        yield return new($"LinearBackwardParameters {size}", Tolerance, t =>
        {
            Tensor dwt = t.Put(dw, outputs, inputs), dbt = t.Put(dBias, outputs);
            t.Backend.LinearBackwardParameters(t.Put(x, rows, inputs), t.Put(dy, rows, outputs), dwt, dbt);
            return [dwt.ToArray(), dbt.ToArray()];
        }, !reference ? null : () => [ReferenceLinear.WeightGradient(x, dy, dw, rows, inputs, outputs).Value, ReferenceLinear.BiasGradient(dy, dBias, rows, outputs).Value]);
    }
}
