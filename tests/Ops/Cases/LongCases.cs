namespace IlgpuSpp.Ops;

/// <summary>Every operation but the matrix products and convolutions, once or more, long enough for several items of work.</summary>
internal static class LongCases
{
    private static readonly RandomKey Key = new(7, 8, 9);
    private static readonly Shape Long = new(100_003);
    private static readonly Shape Map = new(2, 27, 31, 75);
    private static readonly Pyramid Levels = new([1, 2, 3, 6]);

    public static IReadOnlyList<OpCase> All { get; } =
    [
        Unary("Fill", (b, x, y) => b.Fill(y, 3)),
        Unary("Copy", (b, x, y) => b.Copy(x, y)),
        Unary("Add", (b, x, y) => b.Add(x, x, y)),
        Unary("Multiply", (b, x, y) => b.Multiply(x, x, y)),
        Unary("Scale", (b, x, y) => b.Scale(x, 0.7f, y)),
        Unary("Accumulate", (b, x, y) => b.Accumulate(x, 0.7f, y)),
        Unary("Relu", (b, x, y) => b.ActivationForward(Activation.Relu, x, y)),
        Unary("LeakyRelu", (b, x, y) => b.ActivationForward(new Activation(ActivationKind.LeakyRelu, 0.1f), x, y)),
        Unary("Sigmoid", (b, x, y) => b.ActivationForward(new Activation(ActivationKind.Sigmoid), x, y)),
        Unary("Relu6", (b, x, y) => b.ActivationForward(new Activation(ActivationKind.Relu6), x, y)),
        Unary("HardSigmoid", (b, x, y) => b.ActivationForward(new Activation(ActivationKind.HardSigmoid, 0.7f), x, y)),
        Unary("HardSigmoidBackward", (b, x, y) => b.ActivationBackward(new Activation(ActivationKind.HardSigmoid, 0.7f), x, x, y)),
        Unary("ReluBackward", (b, x, y) => b.ActivationBackward(Activation.Relu, x, x, y)),
        Unary("SigmoidBackward", (b, x, y) => b.ActivationBackward(new Activation(ActivationKind.Sigmoid), x, x, y)),
        Unary("FillUniform", (b, x, y) => b.FillUniform(y, -1, 2, Key)),
        Unary("FillNormal", (b, x, y) => b.FillNormal(y, 1, 2, Key)),
        Unary("DropoutForward", (b, x, y) => b.DropoutForward(x, y, 0.4f, Key)),
        Unary("DropoutBackward", (b, x, y) => b.DropoutBackward(x, y, 0.4f, Key)),
        Concat(),
        PRelu(),
        MaxPool(withPlaces: true),
        MaxPool(withPlaces: false),
        AveragePool(),
        WholePyramid(withPlaces: true),
        WholePyramid(withPlaces: false),
        WindowPyramid(withPlaces: true),
        WindowPyramid(withPlaces: false),
        Lrn("within channel", new LrnGeometry(LrnRegion.WithinChannel, 3, 0.5f, 0.75f)),
        Lrn("within channel, beta 0.6", new LrnGeometry(LrnRegion.WithinChannel, 5, 0.5f, 0.6f)),
        Lrn("across channels", new LrnGeometry(LrnRegion.AcrossChannels, 5, 0.5f, 0.75f)),
        BatchNorm(),
        Softmax(),
        CrossEntropy(),
        SmoothL1(),
        Reduce("Sum", sameAtEveryWidth: false, 1, (b, x, y) => b.Sum(x, y)),
        Reduce("SumOfSquares", sameAtEveryWidth: false, 1, (b, x, y) => b.SumOfSquares(x, y, false)),
        Reduce("ColumnSums", sameAtEveryWidth: true, 75, (b, x, y) => b.ColumnSums(x, y, false)),
        Ranks(),
        Sgd(nesterov: false),
        Sgd(nesterov: true),
        AdamW(),
        ExponentialAverage(),
    ];

    private static Tensor Input(Bench t, Shape shape, uint stream) => t.Put(TestValues.Uniform(shape.Count, stream, -2, 2), shape);

    private static OpCase Unary(string name, Action<Backend, Tensor, Tensor> run) => new(name, true, t =>
    {
        Tensor x = Input(t, Long, 1), y = Input(t, Long, 2);
        return new PreparedOp(() => run(t.Backend, x, y), [y]);
    });

    private static OpCase Concat() => new("Concat", true, t =>
    {
        Backend b = t.Backend;
        Tensor[] parts = [Input(t, new Shape(500, 3), 1), Input(t, new Shape(500, 130), 2)];
        Tensor[] cut = [t.Room(new Shape(500, 3)), t.Room(new Shape(500, 130))];
        Tensor y = t.Room(new Shape(500, 133));
        return new PreparedOp(() =>
        {
            b.ConcatForward(parts, y);
            b.ConcatBackward(y, cut);
        }, [y, .. cut]);
    });

    private static OpCase PRelu() => new("PRelu", true, t =>
    {
        Backend b = t.Backend;
        Tensor x = Input(t, Map, 3), slope = Input(t, new Shape(Map.Channels), 5), y = t.Room(Map), dy = Input(t, Map, 4), dx = t.Room(Map), dSlope = Input(t, slope.Shape, 6);
        return new PreparedOp(() =>
        {
            b.PReluForward(x, slope, y);
            b.PReluBackward(x, slope, dy, dx, dSlope);
        }, [y, dx, dSlope]);
    });

    private static OpCase MaxPool(bool withPlaces) => new(withPlaces ? "MaxPool with argmax and backward" : "MaxPool", true, t =>
    {
        Backend b = t.Backend;
        PoolGeometry geometry = PoolGeometry.Square(3, 2, 1, PoolRounding.Ceil);
        Tensor x = Input(t, Map, 3), y = t.Room(ShapeRules.Pool(Map, geometry)), dy = Input(t, y.Shape, 4), dx = t.Room(Map);
        Tensor<int> argmax = t.Put(new int[y.Count], y.Shape.ToArray());
        return new PreparedOp(() =>
        {
            b.MaxPoolForward(x, y, withPlaces ? argmax : null, geometry);
            if (withPlaces) b.MaxPoolBackward(dy, argmax, dx, geometry);
        }, withPlaces ? [y, dx] : [y], argmax);
    });

    private static OpCase AveragePool() => new("AveragePool", true, t =>
    {
        Backend b = t.Backend;
        PoolGeometry geometry = PoolGeometry.Square(3, 2, 1, PoolRounding.Ceil);
        Tensor x = Input(t, Map, 3), y = t.Room(ShapeRules.Pool(Map, geometry)), dy = Input(t, y.Shape, 4), dx = t.Room(Map);
        return new PreparedOp(() =>
        {
            b.AveragePoolForward(x, y, geometry, AveragePoolDivisor.Padded);
            b.AveragePoolBackward(dy, dx, geometry, AveragePoolDivisor.Valid);
        }, [y, dx]);
    });

    private static OpCase WholePyramid(bool withPlaces) => new(withPlaces ? "Pyramid with argmax and backward" : "Pyramid", true, t =>
    {
        Backend b = t.Backend;
        Tensor x = Input(t, Map, 3), y = t.Room(ShapeRules.PyramidPool(Map, Levels)), dy = Input(t, y.Shape, 4), dx = Input(t, Map, 5);
        Tensor<int> argmax = t.Put(new int[y.Count], y.Shape.ToArray());
        return new PreparedOp(() =>
        {
            b.PyramidForward(x, y, withPlaces ? argmax : null, Levels);
            if (withPlaces) b.PyramidBackward(dy, argmax, dx, Levels);
        }, [y, dx], argmax);
    });

    private static OpCase WindowPyramid(bool withPlaces) => new(withPlaces ? "Window pyramid with argmax and backward" : "Window pyramid", true, t =>
    {
        Backend b = t.Backend;
        const int count = 50;
        Tensor x = Input(t, Map, 3), y = t.Room(new Shape(count, Levels.Bins * Map.Channels)), dy = Input(t, y.Shape, 4), dx = Input(t, Map, 5);
        Tensor<int> argmax = t.Put(new int[y.Count], y.Shape.ToArray()), windows = t.Put(TestValues.Windows(Map, count, 6), count, 5);
        return new PreparedOp(() =>
        {
            b.WindowPyramidForward(x, windows, y, withPlaces ? argmax : null, Levels);
            if (withPlaces) b.WindowPyramidBackward(dy, windows, argmax, dx, Levels);
        }, [y, dx], argmax);
    });

    private static OpCase Lrn(string name, LrnGeometry geometry) => new($"Lrn {name}", true, t =>
    {
        Backend b = t.Backend;
        Tensor x = Input(t, Map, 3), y = t.Room(Map), scale = t.Room(Map), dy = Input(t, Map, 4), dx = t.Room(Map);
        return new PreparedOp(() =>
        {
            b.LrnForward(x, y, scale, geometry);
            b.LrnBackward(x, y, scale, dy, dx, geometry);
        }, [y, scale, dx]);
    });

    private static OpCase BatchNorm() => new("BatchNorm", true, t =>
    {
        Backend b = t.Backend;
        var channels = new Shape(Map.Channels);
        Tensor x = Input(t, Map, 3), y = t.Room(Map), z = t.Room(Map), dy = Input(t, Map, 4), dx = t.Room(Map);
        Tensor[] c = [.. Enumerable.Range(0, 8).Select(i => t.Put(TestValues.Uniform(channels.Count, (uint)(10 + i), 0.5f, 1), channels))];
        return new PreparedOp(() =>
        {
            b.BatchNormForwardTraining(x, c[0], c[1], y, c[2], c[3], c[4], c[5], 0.1f, 1e-5f);
            b.BatchNormForwardInference(x, c[0], c[1], z, c[4], c[5], 1e-5f);
            b.BatchNormBackward(x, c[0], c[2], c[3], dy, dx, c[6], c[7]);
        }, [y, z, dx, .. c]);
    });

    private static OpCase Softmax() => new("Softmax", false, t =>
    {
        Backend b = t.Backend;
        Tensor x = Input(t, new Shape(40, 1001), 3), y = t.Room(x.Shape);
        return new PreparedOp(() => b.Softmax(x, y), [y]);
    });

    private static OpCase CrossEntropy() => new("CrossEntropy", false, t =>
    {
        Backend b = t.Backend;
        Tensor x = Input(t, new Shape(40, 1001), 3), p = t.Room(x.Shape), losses = t.Room(new Shape(40)), dx = t.Room(x.Shape);
        Tensor<int> labels = t.Put(TestValues.Labels(40, 1001, 4), 40);
        return new PreparedOp(() =>
        {
            b.CrossEntropyForward(x, labels, p, losses, 0.1f);
            b.CrossEntropyBackward(p, labels, dx, 0.1f, 0.025f);
        }, [p, losses, dx]);
    });

    private static OpCase SmoothL1() => new("SmoothL1", true, t =>
    {
        Backend b = t.Backend;
        var shape = new Shape(2000, 84);
        Tensor x = Input(t, shape, 3), target = Input(t, shape, 4), weights = Input(t, shape, 5), losses = t.Room(new Shape(2000)), dx = t.Room(shape);
        return new PreparedOp(() =>
        {
            b.SmoothL1Forward(x, target, weights, losses, 0.5f);
            b.SmoothL1Backward(x, target, weights, dx, 0.5f, 0.1f);
        }, [losses, dx]);
    });

    private static OpCase Reduce(string name, bool sameAtEveryWidth, int length, Action<Backend, Tensor, Tensor> run) => new(name, sameAtEveryWidth, t =>
    {
        Tensor x = Input(t, Map, 3), y = t.Room(new Shape(length));
        return new PreparedOp(() => run(t.Backend, x, y), [y]);
    });

    private static OpCase Ranks() => new("ArgmaxRows and LabelRanks", true, t =>
    {
        Backend b = t.Backend;
        Tensor x = Input(t, new Shape(300, 101), 3);
        Tensor<int> labels = t.Put(TestValues.Labels(300, 101, 4), 300), best = t.IndexRoom(300), ranks = t.IndexRoom(300);
        return new PreparedOp(() =>
        {
            b.ArgmaxRows(x, best);
            b.LabelRanks(x, labels, ranks);
        }, [], best, ranks);
    });

    private static OpCase Sgd(bool nesterov) => new(nesterov ? "Sgd, Nesterov" : "Sgd", true, t =>
    {
        Backend b = t.Backend;
        Tensor[] p = [.. Slots(t)];
        OptimiserSlot[] slots = [new(p[0], p[1], p[2], null, 1, 1), new(p[4], p[5], p[6], null, 2, 0)];
        return new PreparedOp(() => b.SgdUpdate(slots, new SgdStep(0.01f, 0.9f, 5e-4f, nesterov, 0.5f, true)), p);
    });

    private static OpCase AdamW() => new("AdamW", true, t =>
    {
        Backend b = t.Backend;
        Tensor[] p = [.. Slots(t)];
        OptimiserSlot[] slots = [new(p[0], p[1], p[2], p[3], 1, 1), new(p[4], p[5], p[6], p[7], 2, 0)];
        return new PreparedOp(() => b.AdamWUpdate(slots, new AdamWStep(0.01f, 0.9f, 0.999f, 1e-8f, 0.01f, 3)), p);
    });

    private static OpCase ExponentialAverage() => new("ExponentialAverage", true, t =>
    {
        Backend b = t.Backend;
        Tensor[] p = [.. Slots(t)];
        Tensor[] averages = [p[0], p[4]], values = [p[1], p[5]];
        return new PreparedOp(() => b.ExponentialAverage(averages, values, 0.99f), p);
    });

    private static IEnumerable<Tensor> Slots(Bench t)
    {
        for (int i = 0; i < 8; i++)
        {
            Shape shape = i < 4 ? Long : new Shape(77);
            yield return t.Put(TestValues.Uniform(shape.Count, (uint)i, 0.1f, 1), shape);
        }
    }
}
