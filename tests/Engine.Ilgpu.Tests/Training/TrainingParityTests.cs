using IlgpuSpp.Layers;

namespace IlgpuSpp.Engine.Ilgpu.Tests.Training;

/// <summary>The same network trained from one seed on two backends.</summary>
[Collection("devices")]
public sealed class TrainingParityTests
{
    private const int Steps = 200;
    private const int Batch = 4;
    private const int Classes = 3;

    private static readonly Lazy<float[]> s_cpu = new(() => Losses(OpenDevices.Get("cpu")));

    [DeviceFact("ilgpu-cpu")]
    public void TheSimulatorTrainsAsTheCpu() => AssertSame(OpenDevices.Get("ilgpu-cpu"));

    [DeviceFact("any-opencl")]
    public void OpenClTrainsAsTheCpu() => AssertSame(OpenDevices.Get("any-opencl"));

    [DeviceFact("cuda")]
    public void CudaTrainsAsTheCpu()
    {
        using Backend cuda = Device.Open("cuda", new DeviceOptions { Precision = Precision.Fp32 });
        AssertSame(cuda);
    }

    private static void AssertSame(Backend backend)
    {
        float[] expected = s_cpu.Value, actual = Losses(backend);
        Assert.True(expected[^20..].Average() < 0.7f * expected[..20].Average(), $"the network does not learn: {expected[..20].Average()} to {expected[^20..].Average()}");
        for (int step = 0; step < Steps; step++)
            Assert.True(Math.Abs(actual[step] - expected[step]) <= 1e-3 * expected[step], $"step {step} on {backend.Device.Name}: loss {actual[step]}, on cpu {expected[step]}");
    }

    private static float[] Losses(Backend backend)
    {
        using var network = new Network(new Sequential(
            new Conv2d(2, 8, kernel: 3, stride: 2, pad: 1), new Relu(), new LocalResponseNorm(new LrnGeometry(LrnRegion.WithinChannel, 3, 0.05f, 0.75f)), new MaxPool2d(3, stride: 2),
            new Conv2d(8, 12, kernel: 3, pad: 1), new BatchNorm(12), new Relu(),
            new SpatialPyramidPool(1, 2), new Linear(60, 24), new Relu(), new Dropout(0.2f), new Linear(24, Classes)), backend, seed: 5);
        network.PrepareTraining();
        Parameter[] trained = [.. network.Parameters.Where(p => p.Trainable)];
        Tensor[] velocities = [.. trained.Select(p => backend.Allocate(p.Shape))];
        foreach (Tensor velocity in velocities) backend.Fill(velocity, 0);
        OptimiserSlot[] slots = [.. trained.Zip(velocities, (p, v) => new OptimiserSlot(p.Value, p.Gradient, v, null, p.LearningRateMultiplier, p.DecayMultiplier))];

        // Two sizes take turns, as in the paper's multi-size training.
        using NetworkPass large = network.Plan(new Shape(Batch, 14, 12, 2), PassMode.Training), small = network.Plan(new Shape(Batch, 11, 11, 2), PassMode.Training);
        using Tensor<int> labels = backend.Allocate<int>(new Shape(Batch));
        using Tensor probabilities = backend.Allocate(new Shape(Batch, Classes)), rowLosses = backend.Allocate(new Shape(Batch)), sum = backend.Allocate(new Shape(1));
        // Smoothed labels keep the loss away from 0, where its relative error is that of 1 − p.
        var loss = new CrossEntropyLoss(0.1f);
        var losses = new float[Steps];
        long allocations = 0;
        for (int step = 0; step < Steps; step++)
        {
            NetworkPass pass = step % 2 == 0 ? large : small;
            if (step == 2) allocations = backend.Memory.Allocations;
            Draw(step, pass.Input, labels);
            var state = new PassState(5, (uint)step);
            pass.Forward(state);
            loss.Forward(backend, pass.Output, labels, probabilities, rowLosses);
            loss.Backward(backend, pass.Output, labels, probabilities, pass.OutputGradient!, 1f / Batch);
            pass.Backward(state);
            backend.SgdUpdate(slots, new SgdStep(0.01f, 0.9f, 5e-4f, ClearGradient: true));
            backend.Sum(rowLosses, sum);
            losses[step] = sum.ToArray()[0] / Batch;
        }
        // After one step of each size the pool has all that a step needs.
        Assert.Equal(allocations, backend.Memory.Allocations);
        foreach (Tensor velocity in velocities) velocity.Dispose();
        return losses;
    }

    // Stripes whose direction is the class, in noise.
    private static void Draw(int step, Tensor images, Tensor<int> labels)
    {
        var random = new RandomStream(new RandomKey(77, 0, (uint)step));
        var values = new float[images.Count];
        var classes = new int[Batch];
        Shape s = images.Shape;
        for (int n = 0; n < Batch; n++)
        {
            classes[n] = random.NextInt(Classes);
            for (int y = 0; y < s.Height; y++)
                for (int x = 0; x < s.Width; x++)
                    for (int c = 0; c < s.Channels; c++)
                        values[((n * s.Height + y) * s.Width + x) * s.Channels + c] =
                            ((classes[n] == 0 ? x : classes[n] == 1 ? y : x + y) % 4 < 2 ? 1 : -1) + 0.5f * random.NextNormal();
        }
        images.Upload(values);
        labels.Upload(classes);
    }
}
