using IlgpuSpp.Engine;
using IlgpuSpp.Engine.Cpu;
using IlgpuSpp.Layers;

namespace IlgpuSpp.Layers.Tests;

/// <summary>Every layer's and container's backward pass against central differences of its forward pass.</summary>
public sealed class GradientTests : IDisposable
{
    private readonly CpuBackend _cpu = new(new CpuOptions { Threads = 2, ExactConvolution = true });

    public void Dispose() => _cpu.Dispose();

    public static TheoryData<string> Cases => new(Layers.Keys);

    private static readonly Dictionary<string, (Func<Layer> Layer, Shape Input)> Layers = new()
    {
        ["conv 3x3"] = (() => new Conv2d(3, 5, 3, pad: 1), new Shape(2, 6, 7, 3)),
        ["conv 5x5/2 groups"] = (() => new Conv2d(4, 6, 5, stride: 2, pad: 2, groups: 2), new Shape(2, 9, 8, 4)),
        ["linear"] = (() => new Linear(12, 7), new Shape(3, 12)),
        ["linear on a map"] = (() => new Linear(3 * 4 * 2, 5), new Shape(2, 3, 4, 2)),
        ["sigmoid"] = (() => new Sigmoid(), new Shape(2, 9)),
        ["leaky relu"] = (() => new LeakyRelu(0.2f), new Shape(2, 9)),
        ["parametric relu on a map"] = (() => new PRelu(3, 0.3f), new Shape(2, 4, 3, 3)),
        ["parametric relu on rows"] = (() => new PRelu(4, 0.6f), new Shape(3, 4)),
        ["lrn within"] = (() => new LocalResponseNorm(new LrnGeometry(LrnRegion.WithinChannel, 3, 0.5f, 0.75f)), new Shape(2, 5, 4, 3)),
        ["lrn across"] = (() => new LocalResponseNorm(new LrnGeometry(LrnRegion.AcrossChannels, 5, 0.5f, 0.75f, 2)), new Shape(2, 3, 4, 7)),
        ["batch norm"] = (() => new BatchNorm(3), new Shape(4, 3, 3, 3)),
        ["dropout"] = (() => new Dropout(0.4f), new Shape(4, 10)),
        ["average pool"] = (() => new AveragePool2d(3, 2, 1, PoolRounding.Ceil), new Shape(2, 7, 6, 3)),
        ["global average pool"] = (() => new GlobalAveragePool(), new Shape(2, 5, 4, 3)),
        ["max pool"] = (() => new MaxPool2d(3, 2, 0, PoolRounding.Ceil), new Shape(2, 6, 7, 3)),
        ["pyramid"] = (() => new SpatialPyramidPool(1, 2, 3), new Shape(2, 7, 5, 3)),
        ["grid flatten"] = (() => new GridFlatten(3), new Shape(2, 3, 3, 4)),
        ["flatten"] = (() => new Sequential(new Flatten(), new Linear(24, 3)), new Shape(2, 3, 4, 2)),
        ["chain with fused activations"] = (() => new Sequential(new Conv2d(2, 4, 3, pad: 1), new Sigmoid(), new AveragePool2d(2), new Linear(16, 5), new Sigmoid(), new Linear(5, 3)), new Shape(2, 4, 4, 2)),
        ["residual"] = (() => new Residual(new Sequential(new Conv2d(3, 3, 3, pad: 1), new Sigmoid(), new Conv2d(3, 3, 3, pad: 1)), activation: new Activation(ActivationKind.Sigmoid)), new Shape(2, 4, 4, 3)),
        ["residual with projection"] = (() => new Sequential(new Conv2d(3, 3, 1), new Residual(new Conv2d(3, 5, 3, stride: 2, pad: 1), new Conv2d(3, 5, 1, stride: 2)), new Sigmoid()), new Shape(2, 4, 4, 3)),
        ["concat"] = (() => new Sequential(new Conv2d(2, 3, 1), new Concat(new Conv2d(3, 2, 3, pad: 1), new Conv2d(3, 4, 1), new Sequential(new Conv2d(3, 1, 1), new Sigmoid())), new Sigmoid()), new Shape(2, 3, 3, 2)),
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void BackwardAgreesWithFiniteDifferences(string name)
    {
        (Func<Layer> layer, Shape input) = Layers[name];
        // Distinct values with gaps above the step: no tie of a maximum and no kink lies between the two points.
        float[] values = Spread((int)input.Count);
        foreach (GradientDisagreement worst in GradientChecker.Check(layer(), input, _cpu, new GradientCheckOptions { Samples = 64 }, values))
            Assert.True(worst.RelativeError < 5e-3, $"{name}: {worst}");
    }

    [Fact]
    public void TheCheckerFindsAWrongGradient()
    {
        GradientDisagreement input = GradientChecker.Check(new Wrong(), new Shape(2, 6), _cpu)[0];
        Assert.True(input.RelativeError > 0.1, input.ToString());
    }

    private static float[] Spread(int count)
    {
        var order = new int[count];
        for (int i = 0; i < count; i++) order[i] = i;
        new RandomStream(new RandomKey(3, 0, 0)).Shuffle<int>(order);
        return [.. order.Select(i => (i - count / 2 + 0.5f) * Math.Max(0.03f, 3f / count))];
    }

    private sealed class Wrong : Layer
    {
        public override Shape OutputShape(Shape input) => input;

        public override LayerContext Plan(Tensor input, PassPlan plan) => new(input, plan.Allocate(input.Shape));

        public override void Forward(LayerContext context, PassPlan plan, PassState state) => plan.Backend.Multiply(context.Input, context.Input, context.Output);

        public override void Backward(LayerContext context, PassPlan plan, PassState state) => plan.Backend.Multiply(context.Input, context.OutputGradient!, context.InputGradient!);
    }
}
