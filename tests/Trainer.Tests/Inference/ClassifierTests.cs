using IlgpuSpp.Data.Imaging;
using IlgpuSpp.Inference;

namespace IlgpuSpp.Training.Tests.Inference;

public class ClassifierTests
{
    [Fact]
    public void A_saved_model_predicts_as_it_was_measured()
    {
        using var folder = new TemporaryFolder();
        using CpuBackend backend = TinyRun.Backend(2);
        ImageDataset images = TinyRun.Images(12);
        using TrainedModel model = SmallClassifier.Create(backend);
        model.Save(folder["model.safetensors"]);
        foreach (EvaluationView view in Enum.GetValues<EvaluationView>())
        {
            using var evaluator = new Evaluator(model);
            EvaluationResult measured = evaluator.Evaluate(images, view);
            using var classifier = Classifier.Load(folder["model.safetensors"], backend, new ClassifierOptions { View = view });
            Assert.Equal(TinyRun.Classes, classifier.Model.ClassNames);
            foreach (SamplePrediction prediction in measured.Predictions)
            {
                Guess guess = classifier.Predict(images.Load(prediction.Sample), top: 1).Single();
                Assert.Equal((prediction.Predicted, TinyRun.Classes[prediction.Predicted]), (guess.Index, guess.ClassName));
                Assert.Equal(prediction.Probability, guess.Probability, 5);
            }
        }
    }

    [Fact]
    public void Several_threads_get_the_same_answers_as_one()
    {
        using CpuBackend backend = TinyRun.Backend(2);
        using var classifier = new Classifier(SmallClassifier.Create(backend), new ClassifierOptions { MaximumPasses = 2 });
        RgbImage[] images = [.. Sizes.Select((s, i) => SmallClassifier.Noise(s.Width, s.Height, (uint)i))];
        float[][] alone = [.. images.Select(image => classifier.Probabilities(image))];

        var together = new float[4 * images.Length][];
        var threads = Enumerable.Range(0, 4).Select(t => new Thread(() =>
        {
            for (int i = 0; i < images.Length; i++)
            {
                int image = (i + t) % images.Length;
                together[t * images.Length + image] = classifier.Probabilities(images[image]);
            }
        })).ToArray();
        Array.ForEach(threads, t => t.Start());
        Array.ForEach(threads, t => t.Join());
        for (int i = 0; i < together.Length; i++) Assert.Equal(alone[i % images.Length], together[i]);
    }

    [Fact]
    public void Images_of_any_size_and_shape_are_named()
    {
        using CpuBackend backend = TinyRun.Backend(2);
        using var classifier = new Classifier(SmallClassifier.Create(backend));
        foreach ((int width, int height) in ((int, int)[])[(1, 1), (1, 900), (2000, 3), (7, 5), (500, 400)])
        {
            IReadOnlyList<Guess> guesses = classifier.Predict(SmallClassifier.Noise(width, height, 1));
            Assert.Equal(3, guesses.Count);
            Assert.Equal(1, guesses.Sum(g => g.Probability), 5);
            Assert.True(guesses[0].Probability >= guesses[1].Probability && guesses[1].Probability >= guesses[2].Probability);
        }
    }

    [Fact]
    public void The_middle_of_a_long_image_is_what_counts()
    {
        using CpuBackend backend = TinyRun.Backend();
        using var classifier = new Classifier(SmallClassifier.Create(backend), new ClassifierOptions { MaximumAspect = 2 });
        RgbImage panorama = SmallClassifier.Noise(300, 40, 5);
        var middle = new RgbImage(80, 40);
        for (int y = 0; y < 40; y++) panorama.Row(y).Slice(110 * 3, 80 * 3).CopyTo(middle.Row(y));
        Assert.Equal(classifier.Probabilities(middle), classifier.Probabilities(panorama));
    }

    [Fact]
    public void Idle_passes_stay_within_their_bounds()
    {
        using CpuBackend backend = TinyRun.Backend();
        using TrainedModel model = SmallClassifier.Create(backend);
        using (var pool = InferencePass.CacheOf(model.Model.Network, maximumPasses: 2))
        {
            InferencePass[] rented = [.. Enumerable.Range(0, 4).Select(i => pool.Rent(new Shape(1, 48 + i, 48, 3)))];
            Assert.Equal(0, pool.Idle);
            foreach (InferencePass pass in rented) pool.Return(pass.Pass.Input.Shape, pass);
            Assert.Equal(2, pool.Idle);
            Assert.Same(rented[3], pool.Rent(new Shape(1, 51, 48, 3)));
            pool.Return(new Shape(1, 51, 48, 3), rented[3]);
        }
        using var small = InferencePass.CacheOf(model.Model.Network, maximumBytes: 1);
        small.Return(new Shape(1, 48, 48, 3), small.Rent(new Shape(1, 48, 48, 3)));
        small.Return(new Shape(1, 50, 48, 3), small.Rent(new Shape(1, 50, 48, 3)));
        Assert.Equal(1, small.Idle);
    }

    [Fact]
    public void Guesses_read_well_and_text_files_are_refused_by_name()
    {
        Assert.Equal("tabby 93.1 %", new Guess("tabby", 4, 0.9312).ToString());
        using var folder = new TemporaryFolder();
        using CpuBackend backend = TinyRun.Backend();
        using var classifier = new Classifier(SmallClassifier.Create(backend));
        File.WriteAllText(folder["note.jpg"], "not an image");
        Assert.Contains("note.jpg", Assert.Throws<DataFormatException>(() => classifier.Predict(folder["note.jpg"])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_without_a_preparation_is_refused()
    {
        using var folder = new TemporaryFolder();
        using CpuBackend backend = TinyRun.Backend();
        using (Model model = Zoo.Create("spp-small", new ModelOptions { Classes = 3 }, backend, 1)) ModelFile.Save(folder["bare.safetensors"], model);
        long held = backend.Memory.InUse;
        Assert.Throws<DataFormatException>(() => Classifier.Load(folder["bare.safetensors"], backend));
        Assert.Equal(held, backend.Memory.InUse);
    }

    private static (int Width, int Height)[] Sizes => [(60, 40), (40, 60), (56, 56), (100, 57), (30, 31)];
}
