namespace IlgpuSpp.Training.Tests;

/// <summary>Updates with momentum, by hand: v ← 0.5·v + rate·g, w ← w − v, with the rate divided by ten after half of four updates.</summary>
public sealed class WindowTrainingTests : DetectionTest
{
    private static readonly FineTuningOptions Options = new() { Iterations = 4, DropAfter = 0.5, LearningRate = 0.1, Momentum = 0.5, WeightDecay = 0 };

    [Fact]
    public void VelocityRateDropAndCheckpoint_ByHand()
    {
        var layer = new Linear(1, 1) { Name = "fc" };
        using var network = new Network(new Sequential(layer), _backend, 1);
        layer.Bias!.Frozen = true;
        network.PrepareTraining();
        _backend.Fill(layer.Weight.Value, 1);
        string path = _folder["checkpoint"];
        using (SgdOptimiser optimiser = Options.CreateOptimiser(_backend, network.Parameters))
        {
            Assert.Equal(0.9f, Step(optimiser, 0), 1e-6f);
            Assert.Equal(0.75f, Step(optimiser, 1), 1e-6f);
            Assert.Equal(0, layer.Weight.Gradient.ToArray()[0]);
            Checkpoint(path, "here", network, optimiser).Save(new EndToEndTraining.State(2, 5, "these"));
            Assert.Equal(["fc.bias", "fc.weight", "fc.weight.optimiser.velocity"], Names(path));
        }
        _backend.Fill(layer.Weight.Value, 7);
        using SgdOptimiser resumed = Options.CreateOptimiser(_backend, network.Parameters);
        Assert.Throws<ModelFormatException>(() => Checkpoint(path, "elsewhere", network, resumed).Load());
        Assert.Equal(new EndToEndTraining.State(2, 5, "these"), Checkpoint(path, "here", network, resumed).Load());
        // v = 0.15 so far: 0.075 + 0.01, then 0.0425 + 0.01.
        Assert.Equal(0.665f, Step(resumed, 2), 1e-6f);
        Assert.Equal(0.6125f, Step(resumed, 3), 1e-6f);

        float Step(SgdOptimiser optimiser, int done)
        {
            _backend.Fill(layer.Weight.Gradient, 1);
            optimiser.Update(Options.LearningRateAt(done), gradientScale: 1);
            return layer.Weight.Value.ToArray()[0];
        }
    }

    private static StageCheckpoint<EndToEndTraining.State> Checkpoint(string path, string stage, Network network, Optimiser optimiser) =>
        new(path, stage, network.Parameters, optimiser, DetectionTrainingJson.Default.EndToEndTrainingState);

    private static IEnumerable<string> Names(string path)
    {
        using SafetensorsFile file = SafetensorsFile.Open(path);
        return [.. file.Names.Order(StringComparer.Ordinal)];
    }
}
