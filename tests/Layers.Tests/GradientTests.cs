using IlgpuSpp.Engine;
using IlgpuSpp.Engine.Cpu;
using IlgpuSpp.Layers;

namespace IlgpuSpp.Layers.Tests;

/// <summary>Every layer's and container's backward pass against central differences of its forward pass.</summary>
public sealed class GradientTests : IDisposable
{
    private readonly CpuBackend _cpu = new(new CpuOptions { Threads = 2, ExactConvolution = true });

    public void Dispose() => _cpu.Dispose();

    [Theory]
    [MemberData(nameof(LayerCases.Names), MemberType = typeof(LayerCases))]
    public void BackwardAgreesWithFiniteDifferences(string name)
    {
        (Layer layer, Shape input) = LayerCases.Of(name);
        // Distinct values with gaps above the step: no tie of a maximum and no kink lies between the two points.
        float[] values = Spread((int)input.Count);
        foreach (GradientDisagreement worst in GradientChecker.Check(layer, input, _cpu, values, samples: 64))
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
