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

    // The paper: 250,000 updates at 10⁻⁴ and 50,000 at 10⁻⁵. The release: 30,000 each at 10⁻³ and 10⁻⁴, then 10⁻⁵.
    [Theory]
    [InlineData(RecipeSource.Paper, new[] { 0, 249_999 }, new[] { 250_000, 299_999 }, new int[0], -4)]
    [InlineData(RecipeSource.Release, new[] { 0, 29_999 }, new[] { 30_000, 59_999 }, new[] { 60_000, 199_999 }, -3)]
    public void ThePublishedRates(RecipeSource source, int[] first, int[] second, int[] third, int power)
    {
        FineTuningOptions options = Recipe.Detection(source).FineTuning;
        options.Validate();
        foreach ((int[] updates, int less) in new[] { (first, 0), (second, 1), (third, 2) })
            Assert.All(updates, update => Assert.Equal(Math.Pow(10, power - less), options.LearningRateAt(update), 1e-12));
    }

    private static StageCheckpoint<EndToEndTraining.State> Checkpoint(string path, string stage, Network network, Optimiser optimiser) =>
        new(path, stage, network.Parameters, optimiser, DetectionTrainingJson.Default.EndToEndTrainingState);

    private static IEnumerable<string> Names(string path)
    {
        using SafetensorsFile file = SafetensorsFile.Open(path);
        return [.. file.Names.Order(StringComparer.Ordinal)];
    }
}
