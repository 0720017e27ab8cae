using System.Collections.Immutable;
using IlgpuSpp.Inference;

namespace IlgpuSpp.Training.Tests.Transfer;

/// <summary>Starting from a trained model, frozen layers and rates of single layers.</summary>
public sealed class FineTuningTests : RunTest
{
    [Fact]
    public void AllWeightsButTheLastLayersComeFromTheModel()
    {
        string path = Path.Combine(_folder.Root, "start.safetensors");
        var preparation = new InputPreparation { MinSide = 56, CropSize = 48, Normalisation = InputNormalisation.Constant(100, 7) };
        Dictionary<string, float[]> before;
        using (Model model = Zoo.Create("spp-small", new ModelOptions { Classes = 4, Pyramid = [1, 3] }, _backend, seed: 1))
        {
            model.Description = model.Description with { ClassNames = ["a", "b", "c", "d"], Facts = model.Description.Facts.SetItem("pretrained.name", "published").SetItem("pretrained.licence", "MIT").SetItem("other", "1") };
            using var trained = new TrainedModel(model, preparation, 48);
            trained.Save(path);
            before = model.Network.Parameters.ToDictionary(p => p.FullName, p => p.Value.ToArray());
        }

        FineTuningStart start = FineTuning.Start(path, ["x", "y", "z"], _backend, seed: 2);
        using (start.Model)
        {
            Assert.Equal(("fc6", 48, 3), (start.NewHead, start.InputSize, start.Model.Classes));
            Assert.Equal(preparation, start.Preparation);
            Assert.Equal<string[]>(["x", "y", "z"], [.. start.Model.Description.ClassNames]);
            Assert.Equal("published", start.Model.Description.Name);
            Assert.Equal(["pretrained.licence", "pretrained.name"], start.Model.Description.Facts.Keys);
            foreach (Parameter parameter in start.Model.Network.Parameters)
            {
                if (parameter.FullName.StartsWith("fc6.", StringComparison.Ordinal)) Assert.Equal(3, parameter.Shape[0]);
                else Assert.Equal(before[parameter.FullName], parameter.Value.ToArray());
            }
        }

        FineTuningStart same = FineTuning.Start(path, ["a", "b", "c", "d"], _backend, seed: 2);
        using (same.Model)
        {
            Assert.Null(same.NewHead);
            Assert.All(same.Model.Network.Parameters, parameter => Assert.Equal(before[parameter.FullName], parameter.Value.ToArray()));
        }
    }

    [Fact]
    public void ANetworkOfNoZooIsTakenOverToo()
    {
        string path = Path.Combine(_folder.Root, "own.safetensors");
        Dictionary<string, float[]> before;
        using (var trained = new TrainedModel(TinyRun.Model(_backend, batchNorm: true), new InputPreparation { MinSide = 18, CropSize = 16, Normalisation = InputNormalisation.Constant(100, 7) }, 16))
        {
            trained.Save(path);
            before = trained.Model.Network.Parameters.ToDictionary(p => p.FullName, p => p.Value.ToArray());
        }
        using Model model = FineTuning.Start(path, ["a", "b", "c", "d", "e"], _backend, seed: 2, dropout: 0.4f).Model;
        Assert.Equal(new Shape(1, 5), model.Network.Root.OutputShape(new Shape(1, 20, 24, 3)));
        Assert.Equal([0.4f], model.Network.Root.SelfAndDescendants().OfType<Dropout>().Select(layer => layer.Rate));
        foreach (Parameter parameter in model.Network.Parameters.Where(p => !p.FullName.StartsWith("6.", StringComparison.Ordinal)))
            Assert.Equal(before[parameter.FullName], parameter.Value.ToArray());
    }

    // One update without momentum and decay moves a weight by the rate times its gradient, so that the moves of two runs
    // from the same weights have the ratio of their rates.
    [Fact]
    public void FrozenLayersStayAndRatesScaleTheFirstStep()
    {
        var options = TinyRun.Options with { Epochs = 1, Momentum = 0, WeightDecay = 0, EvaluationView = EvaluationView.Crop, BatchSize = 9 };
        float[][] plain = Moves(options, "plain");
        float[][] tuned = Moves(options with { FrozenLayers = ["0"], LayerRates = [new LayerRate("*", 0.25), new LayerRate("6", 3)] }, "tuned");
        using Model named = TinyRun.Model(_backend, batchNorm: true);
        string[] names = [.. named.Network.Parameters.Select(p => p.FullName)];
        for (int i = 0; i < names.Length; i++)
        {
            if (names[i].Contains("running", StringComparison.Ordinal)) continue;
            double factor = names[i][0] switch { '0' => 0, '6' => 3, _ => 0.25 };
            double largest = plain[i].Max(Math.Abs);
            if (factor == 0)
            {
                Assert.All(tuned[i], move => Assert.Equal(0, move));
                continue;
            }
            Assert.True(largest > 1e-6, names[i]);
            for (int k = 0; k < plain[i].Length; k++) Assert.Equal(factor * plain[i][k], tuned[i][k], 1e-3 * largest * Math.Max(factor, 0.25));
        }
        Assert.Equal(options with { FrozenLayers = ["0"], LayerRates = [new LayerRate("*", 0.25), new LayerRate("6", 3)] }, RunConfiguration.Load(Path.Combine(_folder.Root, "tuned")).Options);
    }

    [Fact]
    public void AFrozenStemWithBatchNormLearnsAboveAndKeepsItsStatistics()
    {
        using Model model = TinyRun.Model(_backend, batchNorm: true);
        float[][] before = [.. model.Network.Parameters.Select(p => p.Value.ToArray())];
        new Trainer(model, TinyRun.Options with { FrozenLayers = ["1"] }).Fit(TinyRun.Images(18), TinyRun.Images(9, 2), Path.Combine(_folder.Root, "run"));
        for (int i = 0; i < before.Length; i++)
        {
            Parameter parameter = model.Network.Parameters[i];
            Assert.Equal(parameter.FullName.StartsWith("1.", StringComparison.Ordinal), before[i].SequenceEqual(parameter.Value.ToArray()));
            Assert.False(parameter.Frozen); // the run gives the parameters' own settings back
        }
    }

    [Fact]
    public void UnknownLayersAndNothingLeftToTrainAreRefused()
    {
        using Model model = TinyRun.Model(_backend);
        OptionsException unknown = Assert.Throws<OptionsException>(() => Fit(TinyRun.Options with { FrozenLayers = ["conv9"] }));
        Assert.Contains("0, 5", unknown.Message, StringComparison.Ordinal);
        Assert.Throws<OptionsException>(() => Fit(TinyRun.Options with { LayerRates = [new LayerRate("conv*", 0.1)] }));
        Assert.Throws<OptionsException>(() => Fit(TinyRun.Options with { LayerRates = [new LayerRate("0", 0)] }));
        Assert.Throws<OptionsException>(() => Fit(TinyRun.Options with { FrozenLayers = ["*"] }));

        void Fit(TrainerOptions options) => new Trainer(model, options).Fit(TinyRun.Images(9), TinyRun.Images(3, 2), Path.Combine(_folder.Root, "refused"), overwrite: true);
    }

    private float[][] Moves(TrainerOptions options, string folder)
    {
        using Model model = TinyRun.Model(_backend, batchNorm: true);
        float[][] before = [.. model.Network.Parameters.Select(p => p.Value.ToArray())];
        new Trainer(model, options).Fit(TinyRun.Images(9), TinyRun.Images(3, 2), Path.Combine(_folder.Root, folder));
        return [.. model.Network.Parameters.Select((p, i) => p.Value.ToArray().Zip(before[i], (after, first) => after - first).ToArray())];
    }
}
