using IlgpuSpp.Engine;
using IlgpuSpp.Reference;

namespace IlgpuSpp.ConformanceProbe;

/// <summary>Every operation but the matrix products and convolutions, once or more.</summary>
public static class OpCases
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

    private static Tensor Input(Backend b, Shape shape, uint stream) => b.Tensor(shape, TestValues.Uniform(shape.Count, stream, -2, 2));

    private static OpCase Unary(string name, Action<Backend, Tensor, Tensor> run) => new(name, true, b =>
    {
        Tensor x = Input(b, Long, 1), y = Input(b, Long, 2);
        return new PreparedOp(() => run(b, x, y), [y], [], [x]);
    });

    private static OpCase Concat() => new("Concat", true, b =>
    {
        Tensor[] parts = [Input(b, new Shape(500, 3), 1), Input(b, new Shape(500, 130), 2)];
        Tensor[] cut = [b.Unwritten(new Shape(500, 3)), b.Unwritten(new Shape(500, 130))];
        Tensor y = b.Unwritten(new Shape(500, 133));
        return new PreparedOp(() =>
        {
            b.ConcatForward(parts, y);
            b.ConcatBackward(y, cut);
        }, [y, .. cut], [], parts);
    });

    private static OpCase PRelu() => new("PRelu", true, b =>
    {
        Tensor x = Input(b, Map, 3), slope = Input(b, new Shape(Map.Channels), 5), y = b.Unwritten(Map), dy = Input(b, Map, 4), dx = b.Unwritten(Map), dSlope = Input(b, slope.Shape, 6);
        return new PreparedOp(() =>
        {
            b.PReluForward(x, slope, y);
            b.PReluBackward(x, slope, dy, dx, dSlope);
        }, [y, dx, dSlope], [], [x, slope, dy]);
    });

    private static OpCase MaxPool(bool withPlaces) => new(withPlaces ? "MaxPool with argmax and backward" : "MaxPool", true, b =>
    {
        PoolGeometry geometry = PoolGeometry.Square(3, 2, 1, PoolRounding.Ceil);
        Tensor x = Input(b, Map, 3), y = b.Unwritten(ShapeRules.Pool(Map, geometry)), dy = Input(b, y.Shape, 4), dx = b.Unwritten(Map);
        Tensor<int> argmax = b.Index(y.Shape, new int[y.Count]);
        return new PreparedOp(() =>
        {
            b.MaxPoolForward(x, y, withPlaces ? argmax : null, geometry);
            if (withPlaces) b.MaxPoolBackward(dy, argmax, dx, geometry);
        }, withPlaces ? [y, dx] : [y], [argmax], withPlaces ? [x, dy] : [x, dy, dx]);
    });

    private static OpCase AveragePool() => new("AveragePool", true, b =>
    {
        PoolGeometry geometry = PoolGeometry.Square(3, 2, 1, PoolRounding.Ceil);
        Tensor x = Input(b, Map, 3), y = b.Unwritten(ShapeRules.Pool(Map, geometry)), dy = Input(b, y.Shape, 4), dx = b.Unwritten(Map);
        return new PreparedOp(() =>
        {
            b.AveragePoolForward(x, y, geometry, AveragePoolDivisor.Padded);
            b.AveragePoolBackward(dy, dx, geometry, AveragePoolDivisor.Valid);
        }, [y, dx], [], [x, dy]);
    });

    private static OpCase WholePyramid(bool withPlaces) => new(withPlaces ? "Pyramid with argmax and backward" : "Pyramid", true, b =>
    {
        Tensor x = Input(b, Map, 3), y = b.Unwritten(ShapeRules.PyramidPool(Map, Levels)), dy = Input(b, y.Shape, 4), dx = Input(b, Map, 5);
        Tensor<int> argmax = b.Index(y.Shape, new int[y.Count]);
        return new PreparedOp(() =>
        {
            b.PyramidForward(x, y, withPlaces ? argmax : null, Levels);
            if (withPlaces) b.PyramidBackward(dy, argmax, dx, Levels);
        }, [y, dx], [argmax], [x, dy]);
    });

    private static OpCase WindowPyramid(bool withPlaces) => new(withPlaces ? "Window pyramid with argmax and backward" : "Window pyramid", true, b =>
    {
        const int count = 50;
        Tensor x = Input(b, Map, 3), y = b.Unwritten(new Shape(count, Levels.Bins * Map.Channels)), dy = Input(b, y.Shape, 4), dx = Input(b, Map, 5);
        Tensor<int> argmax = b.Index(y.Shape, new int[y.Count]), windows = b.Index(new Shape(count, 5), TestValues.Windows(Map, count, 6));
        return new PreparedOp(() =>
        {
            b.WindowPyramidForward(x, windows, y, withPlaces ? argmax : null, Levels);
            if (withPlaces) b.WindowPyramidBackward(dy, windows, argmax, dx, Levels);
        }, [y, dx], [argmax], [x, dy, windows]);
    });

    private static OpCase Lrn(string name, LrnGeometry geometry) => new($"Lrn {name}", true, b =>
    {
        Tensor x = Input(b, Map, 3), y = b.Unwritten(Map), scale = b.Unwritten(Map), dy = Input(b, Map, 4), dx = b.Unwritten(Map);
        return new PreparedOp(() =>
        {
            b.LrnForward(x, y, scale, geometry);
            b.LrnBackward(x, y, scale, dy, dx, geometry);
        }, [y, scale, dx], [], [x, dy]);
    });

    private static OpCase BatchNorm() => new("BatchNorm", true, b =>
    {
        var channels = new Shape(Map.Channels);
        Tensor x = Input(b, Map, 3), y = b.Unwritten(Map), z = b.Unwritten(Map), dy = Input(b, Map, 4), dx = b.Unwritten(Map);
        Tensor[] c = [.. Enumerable.Range(0, 8).Select(i => b.Tensor(channels, TestValues.Uniform(channels.Count, (uint)(10 + i), 0.5f, 1)))];
        return new PreparedOp(() =>
        {
            b.BatchNormForwardTraining(x, c[0], c[1], y, c[2], c[3], c[4], c[5], 0.1f, 1e-5f);
            b.BatchNormForwardInference(x, c[0], c[1], z, c[4], c[5], 1e-5f);
            b.BatchNormBackward(x, c[0], c[2], c[3], dy, dx, c[6], c[7]);
        }, [y, z, dx, .. c], [], [x, dy]);
    });

    private static OpCase Softmax() => new("Softmax", false, b =>
    {
        Tensor x = Input(b, new Shape(40, 1001), 3), y = b.Unwritten(x.Shape);
        return new PreparedOp(() => b.Softmax(x, y), [y], [], [x]);
    });

    private static OpCase CrossEntropy() => new("CrossEntropy", false, b =>
    {
        Tensor x = Input(b, new Shape(40, 1001), 3), p = b.Unwritten(x.Shape), losses = b.Unwritten(new Shape(40)), dx = b.Unwritten(x.Shape);
        Tensor<int> labels = b.Index(new Shape(40), TestValues.Labels(40, 1001, 4));
        return new PreparedOp(() =>
        {
            b.CrossEntropyForward(x, labels, p, losses, 0.1f);
            b.CrossEntropyBackward(p, labels, dx, 0.1f, 0.025f);
        }, [p, losses, dx], [], [x, labels]);
    });

    private static OpCase SmoothL1() => new("SmoothL1", true, b =>
    {
        var shape = new Shape(2000, 84);
        Tensor x = Input(b, shape, 3), target = Input(b, shape, 4), weights = Input(b, shape, 5), losses = b.Unwritten(new Shape(2000)), dx = b.Unwritten(shape);
        return new PreparedOp(() =>
        {
            b.SmoothL1Forward(x, target, weights, losses, 0.5f);
            b.SmoothL1Backward(x, target, weights, dx, 0.5f, 0.1f);
        }, [losses, dx], [], [x, target, weights]);
    });

    private static OpCase Reduce(string name, bool sameAtEveryWidth, int length, Action<Backend, Tensor, Tensor> run) => new(name, sameAtEveryWidth, b =>
    {
        Tensor x = Input(b, Map, 3), y = b.Unwritten(new Shape(length));
        return new PreparedOp(() => run(b, x, y), [y], [], [x]);
    });

    private static OpCase Ranks() => new("ArgmaxRows and LabelRanks", true, b =>
    {
        Tensor x = Input(b, new Shape(300, 101), 3);
        Tensor<int> labels = b.Index(new Shape(300), TestValues.Labels(300, 101, 4)), best = b.Allocate<int>(labels.Shape), ranks = b.Allocate<int>(labels.Shape);
        return new PreparedOp(() =>
        {
            b.ArgmaxRows(x, best);
            b.LabelRanks(x, labels, ranks);
        }, [], [best, ranks], [x, labels]);
    });

    private static OpCase Sgd(bool nesterov) => new(nesterov ? "Sgd, Nesterov" : "Sgd", true, b =>
    {
        Tensor[] t = [.. Slots(b)];
        OptimiserSlot[] slots = [new(t[0], t[1], t[2], null, 1, 1), new(t[4], t[5], t[6], null, 2, 0)];
        return new PreparedOp(() => b.SgdUpdate(slots, new SgdStep(0.01f, 0.9f, 5e-4f, nesterov, 0.5f, true)), t, [], []);
    });

    private static OpCase AdamW() => new("AdamW", true, b =>
    {
        Tensor[] t = [.. Slots(b)];
        OptimiserSlot[] slots = [new(t[0], t[1], t[2], t[3], 1, 1), new(t[4], t[5], t[6], t[7], 2, 0)];
        return new PreparedOp(() => b.AdamWUpdate(slots, new AdamWStep(0.01f, 0.9f, 0.999f, 1e-8f, 0.01f, 3)), t, [], []);
    });

    private static OpCase ExponentialAverage() => new("ExponentialAverage", true, b =>
    {
        Tensor[] t = [.. Slots(b)];
        Tensor[] averages = [t[0], t[4]], values = [t[1], t[5]];
        return new PreparedOp(() => b.ExponentialAverage(averages, values, 0.99f), t, [], []);
    });

    private static IEnumerable<Tensor> Slots(Backend b)
    {
        for (int i = 0; i < 8; i++)
        {
            Shape shape = i < 4 ? Long : new Shape(77);
            yield return b.Tensor(shape, TestValues.Uniform(shape.Count, (uint)i, 0.1f, 1));
        }
    }
}
