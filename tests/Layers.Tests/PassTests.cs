using IlgpuSpp.Engine;
using IlgpuSpp.Engine.Cpu;
using IlgpuSpp.Layers;
using IlgpuSpp.Reference;

namespace IlgpuSpp.Layers.Tests;

/// <summary>Planned passes: reuse of memory, independence of size and batch, no allocation in the steady state.</summary>
public sealed class PassTests : IDisposable
{
    private readonly CpuBackend _cpu = new(new CpuOptions { Threads = 2 });

    public void Dispose() => _cpu.Dispose();

    [Fact]
    public void InferenceEqualsTheForwardPassOfTraining()
    {
        using Network network = Small(seed: 3, normalised: false);
        using NetworkPass inference = network.Plan(new Shape(2, 33, 41, 3), PassMode.Inference), training = network.Plan(new Shape(2, 33, 41, 3), PassMode.Training);
        Fill(inference, 7);
        Fill(training, 7);
        inference.Forward();
        training.Forward();
        Assert.Equal(training.Output.ToArray(), inference.Output.ToArray());
        Assert.True(inference.Bytes < training.Bytes / 2, $"inference plans {inference.Bytes} bytes, training {training.Bytes}");
    }

    // With γ frozen, training normalises by the running statistics too, and does every layer's work by itself.
    [Theory]
    [InlineData(20, 24)]
    [InlineData(57, 64)]
    public void InferenceThatFusesLayersEqualsTheLayersOneByOne(int height, int width)
    {
        const int Channels = 64;
        using var network = new Network(new Sequential(
            new Conv2d(3, Channels, 3, pad: 1, bias: false), new BatchNorm(Channels), new Relu(),
            new Residual(new Sequential(new Conv2d(Channels, Channels, 3, pad: 1, bias: false), new BatchNorm(Channels), new Relu(), new Conv2d(Channels, Channels, 3, pad: 1), new BatchNorm(Channels)), activation: Activation.Relu),
            new Residual(
                new Sequential(new Conv2d(Channels, 96, 3, stride: 2, pad: 1, bias: false), new BatchNorm(96), new Relu(), new Conv2d(96, 96, 3, pad: 1)),
                new Sequential(new Conv2d(Channels, 96, 1, stride: 2, bias: false), new BatchNorm(96)), new Activation(ActivationKind.LeakyRelu, 0.1f)),
            // Nothing to fuse at the end of these: an activation of the branch's own, a dropout that hands on its input, normalisations without a convolution before them.
            new Residual(new Sequential(new Conv2d(96, 96, 1), new Relu()), new Sequential(new BatchNorm(96), new Dropout(0)), Activation.Relu),
            new Residual(new Sequential(new Conv2d(96, 96, 1), new Dropout(0))),
            new Conv2d(96, 32, 1), new BatchNorm(32), new HardSwish(), new BatchNorm(32),
            new Concat(new Sequential(new Conv2d(32, 16, 1), new BatchNorm(16)), new Conv2d(32, 8, 3, pad: 1)),
            new SpatialPyramidPool(1, 2), new Linear(24 * 5, 10), new BatchNorm(10), new Relu()), _cpu, seed: 4);
        uint stream = 1;
        foreach (BatchNorm normalisation in network.Root.SelfAndDescendants().OfType<BatchNorm>())
        {
            _cpu.FillUniform(normalisation.Gamma.Value, 0.5f, 1.5f, new RandomKey(1, stream++, 0));
            _cpu.FillNormal(normalisation.Beta.Value, 0, 0.3f, new RandomKey(1, stream++, 0));
            _cpu.FillNormal(normalisation.RunningMean.Value, 0, 0.3f, new RandomKey(1, stream++, 0));
            _cpu.FillUniform(normalisation.RunningVariance.Value, 0.5f, 2, new RandomKey(1, stream++, 0));
            normalisation.Gamma.Frozen = normalisation.Beta.Frozen = true;
        }
        network.PrepareTraining();
        long before = _cpu.Memory.InUse;
        using (NetworkPass training = network.Plan(new Shape(2, height, width, 3), PassMode.Training), inference = network.Plan(training.Input.Shape, PassMode.Inference), again = network.Plan(training.Input.Shape, PassMode.Inference))
        {
            foreach (NetworkPass pass in (NetworkPass[])[training, inference, again])
            {
                Fill(pass, 7);
                pass.Forward();
            }
            float[] expected = training.Output.ToArray(), found = inference.Output.ToArray();
            float largest = expected.Max(Math.Abs);
            Assert.True(largest > 0);
            for (int i = 0; i < expected.Length; i++) Assert.Equal(expected[i], found[i], 2e-5f * largest);
            Assert.Equal(found, again.Output.ToArray());
        }
        // Packed weights of a network that is trained go with the last pass that reads them.
        Assert.Equal(before, _cpu.Memory.InUse);
    }

    [Fact]
    public void PackedWeightsOfANetworkInUseStayForTheNextPass()
    {
        long before = _cpu.Memory.InUse;
        using (var network = new Network(new Sequential(new Conv2d(3, 64, 3), new Relu(), new Conv2d(64, 64, 3)), _cpu, seed: 1))
        {
            long parameters = _cpu.Memory.InUse, held = 0;
            foreach (int side in (int[])[16, 24, 16])
            {
                using NetworkPass pass = network.Plan(new Shape(1, side, side, 3), PassMode.Inference);
                Fill(pass, 3);
                pass.Forward();
            }
            held = _cpu.Memory.InUse - parameters;
            // 9 numbers of every pair of channels and, at 24 pixels, the second's 36.
            Assert.InRange(held, (9 * 3 * 64 + (9 + 36) * 64 * 64) * sizeof(float), 1.3 * (9 * 3 * 64 + (9 + 36) * 64 * 64) * sizeof(float));
        }
        Assert.Equal(before, _cpu.Memory.InUse);
    }

    [Fact]
    public void GradientsDoNotDependOnMemoryReuse()
    {
        // The same layers with every intermediate kept: run one layer at a time with plans of their own.
        using Network planned = Small(seed: 5), apart = Small(seed: 5);
        var shape = new Shape(2, 24, 20, 3);
        using NetworkPass pass = planned.Plan(shape, PassMode.Training);
        Fill(pass, 9);
        float[] outputGradient = [.. Enumerable.Range(0, 10).Select(i => i % 3 - 1f)];
        pass.Forward();
        pass.OutputGradient!.Upload(outputGradient);
        pass.Backward();

        apart.PrepareTraining();
        var plans = new List<PassPlan>();
        var contexts = new List<LayerContext>();
        using Tensor input = _cpu.Allocate(shape);
        _cpu.FillNormal(input, 0, 1, new RandomKey(9, 0, 0));
        Tensor current = input;
        foreach (Layer layer in apart.Root.Children)
        {
            var plan = new PassPlan(_cpu, PassMode.Training);
            plans.Add(plan);
            contexts.Add(layer.Plan(current, plan));
            layer.Forward(contexts[^1], plan, default);
            current = contexts[^1].Output;
        }
        Tensor gradient = plans[^1].Allocate(current.Shape);
        gradient.Upload(outputGradient);
        for (int i = contexts.Count - 1; i >= 0; i--)
        {
            apart.Root.Children[i].PlanBackward(contexts[i], gradient, plans[i], needInputGradient: true);
            apart.Root.Children[i].Backward(contexts[i], plans[i], default);
            gradient = contexts[i].InputGradient!;
        }
        for (int i = 0; i < planned.Parameters.Count; i++)
        {
            if (!planned.Parameters[i].Trainable) continue;
            Assert.Equal(apart.Parameters[i].Gradient.ToArray(), planned.Parameters[i].Gradient.ToArray());
        }
        foreach (PassPlan plan in plans) plan.Dispose();
    }

    [Fact]
    public void AlternatingSizesAllocateNothingAfterTheFirstPassOfEach()
    {
        using Network network = Small(seed: 1);
        using NetworkPass large = network.Plan(new Shape(4, 40, 40, 3), PassMode.Training), small = network.Plan(new Shape(4, 28, 28, 3), PassMode.Training);
        Fill(large, 1);
        Fill(small, 2);
        Step(large);
        Step(small);
        long native = _cpu.Memory.Allocations;
        Assert.Equal(0, SteadyState.LeastAllocated(() =>
        {
            Step(large);
            Step(small);
        }));
        Assert.Equal(native, _cpu.Memory.Allocations);

        static void Step(NetworkPass pass)
        {
            pass.Forward(new PassState(1, 2));
            pass.Backward(new PassState(1, 2));
        }
    }

    // Dropout and batch statistics must be the same the second time, and running statistics move once.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void RecomputedActivationsGiveTheSameBitsInLessMemory(bool frozen)
    {
        static Layer Block(int channels) => new Residual(
            new Sequential(new Conv2d(channels, channels, 3, pad: 1, bias: false), new BatchNorm(channels), new Relu(), new Conv2d(channels, channels, 3, pad: 1, bias: false), new BatchNorm(channels)), activation: Activation.Relu);
        Network Deep() => new(new Sequential(
            new Conv2d(3, 16, 3, pad: 1), new BatchNorm(16), new Relu(), new MaxPool2d(2), Block(16), Block(16), new Dropout(0.3f), Block(16), new LocalResponseNorm(new LrnGeometry(LrnRegion.WithinChannel, 3, 0.1f, 0.75f)), Block(16),
            new Conv2d(16, 24, 3, stride: 2), new LeakyRelu(0.1f), new Concat(new Conv2d(24, 8, 1), new Sequential(new Conv2d(24, 16, 3, pad: 1), new Relu())), new MaxPool2d(2), Block(24), Block(24),
            new SpatialPyramidPool(1, 2), new Linear(24 * 5, 40), new Relu(), new Dropout(0.5f), new Linear(40, 6)), _cpu, seed: 5);
        using Network kept = Deep(), again = Deep();
        if (frozen)
            foreach (Network network in (Network[])[kept, again])
                foreach (Parameter parameter in network.Root.Children.Take(5).SelectMany(layer => layer.SelfAndDescendants()).SelectMany(layer => layer.Parameters)) parameter.Frozen = true;
        var shape = new Shape(3, 50, 44, 3);
        using NetworkPass whole = kept.Plan(shape, PassMode.Training), parts = again.Plan(shape, PassMode.Training, recompute: true);
        for (uint step = 0; step < 3; step++)
        {
            var state = new PassState(4, step);
            foreach (NetworkPass pass in (NetworkPass[])[whole, parts])
            {
                Fill(pass, step);
                pass.Forward(state);
                _cpu.FillNormal(pass.OutputGradient!, 0, 1, new RandomKey(8, step, 0));
            }
            Assert.Equal(whole.Output.ToArray(), parts.Output.ToArray());
            whole.Backward(state);
            parts.Backward(state);
        }
        for (int i = 0; i < kept.Parameters.Count; i++)
        {
            Assert.Equal(kept.Parameters[i].Value.ToArray(), again.Parameters[i].Value.ToArray());
            if (kept.Parameters[i].Trainable && !kept.Parameters[i].Frozen) Assert.Equal(kept.Parameters[i].Gradient.ToArray(), again.Parameters[i].Gradient.ToArray());
        }
        Assert.InRange(parts.Bytes, 0, 0.7 * whole.Bytes);
        long allocations = _cpu.Memory.Allocations;
        Assert.Equal(0, SteadyState.LeastAllocated(() =>
        {
            parts.Forward(new PassState(1, 2));
            parts.Backward(new PassState(1, 2));
        }));
        Assert.Equal(allocations, _cpu.Memory.Allocations);
    }

    [Fact]
    public void DisposingGivesAllMemoryBack()
    {
        using (Network network = Small(seed: 1))
        using (NetworkPass pass = network.Plan(new Shape(2, 32, 32, 3), PassMode.Training))
            pass.Forward();
        Assert.Equal(0, _cpu.Memory.InUse);
    }

    [Fact]
    public void FrozenParametersGetNoGradientAndTheStemNoBackwardPass()
    {
        using Network network = Small(seed: 1);
        foreach (Parameter parameter in network.Parameters.Where(p => p.FullName.StartsWith("0.", StringComparison.Ordinal))) parameter.Frozen = true;
        using NetworkPass pass = network.Plan(new Shape(2, 16, 16, 3), PassMode.Training);
        Fill(pass, 1);
        pass.Forward();
        _cpu.Fill(pass.OutputGradient!, 1);
        pass.Backward();
        Assert.All(network.Parameters.Single(p => p.FullName == "0.weight").Gradient.ToArray(), value => Assert.Equal(0, value));
        Assert.Contains(network.Parameters.Single(p => p.FullName == "4.weight").Gradient.ToArray(), value => value != 0);
        Assert.Null(Sequential.ChildContext(pass.Context, 0).InputGradient);
    }

    [Fact]
    public void AFrozenBatchNormIsAnAffineMapOfItsRunningStatistics()
    {
        var norm = new BatchNorm(2, epsilon: 0.01f);
        norm.Gamma.Frozen = true;
        using var network = new Network(new Sequential(new Conv2d(2, 2, 1) { Name = "conv" }, norm), _cpu, 1);
        float[] weight = [0.5f, -1, 2, 0.25f], x = [1, 2, -3, 4, 0.5f, -1], dy = [1, -2, 3, 0.5f, -1, 4];
        float[] mean = [0.2f, -0.4f], variance = [0.24f, 2.24f], gamma = [1.5f, -0.6f], beta = [0.1f, 0.3f];
        foreach ((string name, float[] values) in ((string, float[])[])[("conv.weight", weight), ("1.weight", gamma), ("1.bias", beta), ("1.running_mean", mean), ("1.running_var", variance)])
            network.Parameters.Single(p => p.FullName == name).Value.Upload(values);
        using NetworkPass pass = network.Plan(new Shape(1, 3, 1, 2), PassMode.Training);
        for (int run = 0; run < 2; run++) // the second run must not see what the first left
        {
            foreach (Parameter parameter in network.Parameters.Where(p => p.Trainable)) _cpu.Fill(parameter.Gradient, 0);
            pass.Input.Upload(x);
            pass.Forward();
            pass.OutputGradient!.Upload(dy);
            pass.Backward();

            // 1/√(0.24 + 0.01) = 2 and 1/√(2.24 + 0.01) = 2/3.
            double[] slope = [1.5 * 2, -0.6 * 2 / 3];
            var weightGradient = new double[4];
            for (int row = 0; row < 3; row++)
                for (int o = 0; o < 2; o++)
                {
                    double response = x[2 * row] * weight[o] + x[2 * row + 1] * weight[2 + o];
                    Assert.Equal((response - mean[o]) * slope[o] + beta[o], pass.Output.ToArray()[2 * row + o], 1e-5);
                    for (int i = 0; i < 2; i++) weightGradient[2 * i + o] += dy[2 * row + o] * slope[o] * x[2 * row + i];
                }
            float[] found = network.Parameters.Single(p => p.FullName == "conv.weight").Gradient.ToArray();
            for (int i = 0; i < 4; i++) Assert.Equal(weightGradient[i], found[i], 1e-4);
            Assert.Equal([3f, 2.5f], network.Parameters.Single(p => p.FullName == "1.bias").Gradient.ToArray()); // sums of dy
            Assert.All(norm.Gamma.Gradient.ToArray(), value => Assert.Equal(0, value));
        }
        Assert.Equal(mean, norm.RunningMean.Value.ToArray());
        Assert.Equal(variance, norm.RunningVariance.Value.ToArray());
    }

    [Fact]
    public void OneNetworkServesSeveralThreads()
    {
        using Network network = Small(seed: 2);
        float[][] answers = new float[4][];
        Parallel.For(0, answers.Length, new ParallelOptions { MaxDegreeOfParallelism = 4 }, i =>
        {
            using NetworkPass pass = network.Plan(new Shape(1, 30, 26, 3), PassMode.Inference);
            Fill(pass, 4);
            for (int run = 0; run < 5; run++) pass.Forward();
            answers[i] = pass.Output.ToArray();
        });
        Assert.All(answers, answer => Assert.Equal(answers[0], answer));
    }

    [Fact]
    public void ThePaperNetworksSummaryCountsWhatTheLayersSay()
    {
        LayerSummary summary = new Sequential(new Conv2d(3, 32, 5, stride: 2, pad: 2), new Relu(), new SpatialPyramidPool(1, 2), new Linear(160, 10)).Summary(48, 64);
        // 24·32 positions · 32 channels · 75 taps; 160·10 weights; 75·32 + 32 + 1610 parameters.
        Assert.Equal(24L * 32 * 32 * 75 + 1600, summary.MultiplyAdds);
        Assert.Equal(75 * 32 + 32 + 1610, summary.Parameters);
    }

    private Network Small(ulong seed, bool normalised = true) => new(new Sequential(
        new Conv2d(3, 8, 3, pad: 1), new Relu(),
        new LocalResponseNorm(new LrnGeometry(LrnRegion.WithinChannel, 3, 0.1f, 0.75f)),
        new MaxPool2d(2, rounding: PoolRounding.Ceil),
        new Conv2d(8, 8, 3, pad: 1), normalised ? new BatchNorm(8) : new Sigmoid(), new Relu(),
        new Residual(new Conv2d(8, 8, 3, pad: 1), activation: Activation.Relu),
        new SpatialPyramidPool(1, 2, 3), new Linear(8 * 14, 12), new Relu(), new Dropout(0), new Linear(12, 5)), _cpu, seed);

    private void Fill(NetworkPass pass, ulong seed) => _cpu.FillNormal(pass.Input, 0, 1, new RandomKey(seed, 0, 0));
}
