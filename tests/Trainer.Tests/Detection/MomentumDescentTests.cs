using IlgpuSpp.Engine;
using IlgpuSpp.Layers;
using IlgpuSpp.Processes;

namespace IlgpuSpp.Training.Tests;

/// <summary>Updates with momentum, by hand: v ← 0.5·v + rate·g, w ← w − v, with the rate divided by ten after half of four updates.</summary>
public sealed class MomentumDescentTests : IDisposable
{
    private static readonly FineTuningOptions Options = new() { Iterations = 4, DropAfter = 0.5, LearningRate = 0.1, Momentum = 0.5, WeightDecay = 0 };

    private readonly TemporaryFolder _folder = new();
    private readonly Backend _backend = SmallDetection.Open();

    public void Dispose()
    {
        _backend.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void VelocityRateDropAndCheckpoint_ByHand()
    {
        var layer = new Linear(1, 1) { Name = "fc" };
        using var network = new Network(new Sequential(layer), _backend, 1);
        layer.Bias!.Frozen = true;
        network.PrepareTraining();
        _backend.Fill(layer.Weight.Value, 1);
        using (var descent = new MomentumDescent(_backend, network.Parameters, Options))
        {
            Assert.Equal(0.9f, Step(descent, 0), 1e-6f);
            Assert.Equal(0.75f, Step(descent, 1), 1e-6f);
            Assert.Equal(0, layer.Weight.Gradient.ToArray()[0]);
            NamedTensor velocity = Assert.Single(descent.Velocities());
            Assert.Equal("fc.weight.velocity", velocity.Name);
            SafetensorsWriter.Write(_folder["checkpoint"], [velocity], new Dictionary<string, string>());
        }
        using var resumed = new MomentumDescent(_backend, network.Parameters, Options);
        using (SafetensorsFile file = SafetensorsFile.Open(_folder["checkpoint"])) resumed.Restore(file, _folder["checkpoint"]);
        // v = 0.15 so far: 0.075 + 0.01, then 0.0425 + 0.01.
        Assert.Equal(0.665f, Step(resumed, 2), 1e-6f);
        Assert.Equal(0.6125f, Step(resumed, 3), 1e-6f);

        float Step(MomentumDescent descent, int done)
        {
            _backend.Fill(layer.Weight.Gradient, 1);
            descent.Step(done);
            return layer.Weight.Value.ToArray()[0];
        }
    }
}
