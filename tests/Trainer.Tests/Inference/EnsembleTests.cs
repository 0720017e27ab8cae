using IlgpuSpp.Inference;

namespace IlgpuSpp.Training.Tests.Inference;

/// <summary>Several models are the mean of their probabilities, whatever their networks and preparations.</summary>
public sealed class EnsembleTests : FolderTest
{
    private readonly CpuBackend _backend = TinyRun.Backend(2);
    private readonly string[] _paths;

    public EnsembleTests() => _paths =
    [
        Saved("first", batchNorm: false, seed: 3, mean: 128, TinyRun.Classes),
        Saved("second", batchNorm: true, seed: 4, mean: 100, TinyRun.Classes),
        Saved("third", batchNorm: false, seed: 5, mean: 90, TinyRun.Classes),
    ];

    [Theory]
    [InlineData(EvaluationView.Crop)]
    [InlineData(EvaluationView.Full)]
    public void ProbabilitiesAreTheMeanOfTheModels(EvaluationView view)
    {
        ImageDataset images = TinyRun.Images(15);
        using var ensemble = new Ensemble(_paths, _backend, new ClassifierOptions { View = view });
        using var evaluator = new Evaluator(ensemble.Models);
        EvaluationResult measured = evaluator.Evaluate(images, view);
        Assert.Equal(15, measured.Images);
        Classifier[] members = [.. _paths.Select(path => Classifier.Load(path, _backend, new ClassifierOptions { View = view }))];
        double loss = 0;
        int right = 0;
        for (int i = 0; i < images.Count; i++)
        {
            float[][] each = [.. members.Select(member => member.Probabilities(images.Load(i)))];
            double[] mean = [.. Enumerable.Range(0, TinyRun.Classes.Length).Select(c => each.Average(row => (double)row[c]))];
            Assert.Equal(mean, ensemble.Probabilities(images.Load(i)).Select(value => (double)value), (a, b) => Math.Abs(a - b) < 1e-6);
            Assert.Equal(Array.IndexOf(mean, mean.Max()), ensemble.Predict(images.Load(i), 1)[0].Index);
            Assert.Equal(Array.IndexOf(mean, mean.Max()), measured.Predictions[i].Predicted);
            loss -= Math.Log(mean[images.Samples[i].Label]);
            if (Array.IndexOf(mean, mean.Max()) == images.Samples[i].Label) right++;
        }
        Assert.Equal(loss / images.Count, measured.Loss, 1e-5);
        Assert.Equal((double)right / images.Count, measured.Top1);
        foreach (Classifier member in members) member.Dispose();
    }

    [Fact]
    public void OneModelIsItself()
    {
        using var ensemble = new Ensemble(_paths[..1], _backend);
        using var classifier = Classifier.Load(_paths[0], _backend);
        Assert.Equal(classifier.Probabilities(TinyRun.Images(1).Load(0)), ensemble.Probabilities(TinyRun.Images(1).Load(0)));
    }

    [Fact]
    public void OtherClasses_AreRefused()
    {
        string other = Saved("other", batchNorm: false, seed: 6, mean: 128, ["left", "grey", "right"]);
        ModelFormatException refused = Assert.Throws<ModelFormatException>(() => new Ensemble([_paths[0], other], _backend));
        Assert.Contains($"its classes (left, grey, right) are not those of {_paths[0]} (left, right, grey)", refused.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new Ensemble([], _backend));
        using TrainedModel one = TrainedModel.Load(_paths[0], _backend), two = TrainedModel.Load(other, _backend);
        Assert.Throws<ArgumentException>(() => new Evaluator([one, two]));
    }

    protected override void Dispose(bool disposing)
    {
        _backend.Dispose();
        base.Dispose(disposing);
    }

    private string Saved(string name, bool batchNorm, ulong seed, float mean, string[] classes)
    {
        Model model = new(new ModelDescription { Architecture = "tiny", Options = new ModelOptions { Classes = classes.Length, Pyramid = [1, 2] }, ClassNames = [.. classes] }, TinyRun.Layers(batchNorm), _backend, seed);
        using var trained = new TrainedModel(model, new InputPreparation { MinSide = 18, CropSize = 16, Normalisation = InputNormalisation.Constant(mean, 60) }, 16);
        string path = _folder[$"{name}.safetensors"];
        trained.Save(path);
        return path;
    }
}
