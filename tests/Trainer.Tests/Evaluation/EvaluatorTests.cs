using IlgpuSpp.Inference;

namespace IlgpuSpp.Training.Tests.Evaluation;

public class EvaluatorTests
{
    private static readonly InputPreparation Preparation = new() { MinSide = 18, CropSize = 16 };

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Accuracies_loss_and_confusion_are_those_of_the_scores(bool areProbabilities)
    {
        using CpuBackend backend = TinyRun.Backend();
        using var model = new TrainedModel(TinyRun.Model(backend), Preparation, 16);
        using var evaluator = new Evaluator(model);
        double[][] probabilities = [[0.7, 0.2, 0.1], [0.5, 0.3, 0.2], [0.1, 0.2, 0.7], [0.4, 0.4, 0.2]];
        float[] scores = [.. probabilities.SelectMany(p => p).Select(p => (float)(areProbabilities ? p : Math.Log(p) + 3))];

        // Labels of the samples are 0, 1, 2, 0; rows come in another order, one of them does not count.
        int[] order = [3, 0, 2, 1];
        float[] rows = [.. order.SelectMany(i => scores[(i * 3)..(i * 3 + 3)]), 9, 9, 9];
        EvaluationResult result = evaluator.Evaluate(TinyRun.Images(4), new FixedView(backend, [.. order, -1], rows, areProbabilities));

        Assert.Equal("fixed", result.View);
        Assert.Equal(4, result.Images);
        Assert.Equal(0.75, result.Top1); // samples 0 and 2 right, 1 wrong, 3 right: of equal scores the lower class wins
        Assert.Equal(1, result.Top5);
        Assert.Equal(-(Math.Log(0.7) + Math.Log(0.3) + Math.Log(0.7) + Math.Log(0.4)) / 4, result.Loss, 6);
        Assert.Equal([0, 1, 2, 3], result.Predictions.Select(p => p.Sample));
        Assert.Equal([0, 0, 2, 0], result.Predictions.Select(p => p.Predicted));
        Assert.Equal([0, 1, 0, 0], result.Predictions.Select(p => p.Rank));
        Assert.Equal([0.7, 0.5, 0.7, 0.4], result.Predictions.Select(p => (double)p.Probability), (a, b) => Math.Abs(a - b) < 1e-6);
        Assert.Equal((2, 0, 1, 0, 1), (result.Confusion[0, 0], result.Confusion[0, 1], result.Confusion[1, 0], result.Confusion[1, 1], result.Confusion[2, 2]));
        Assert.Equal([1, 0, 1], Enumerable.Range(0, 3).Select(result.Confusion.AccuracyOf));
        Assert.Equal(2.0 / 3, result.Confusion.MeanClassAccuracy, 12);
    }

    [Fact]
    public void Results_do_not_depend_on_the_batch_size()
    {
        using CpuBackend backend = TinyRun.Backend(2);
        using var model = new TrainedModel(TinyRun.Model(backend, batchNorm: true), Preparation, 16);
        ImageDataset images = TinyRun.Images(23);
        foreach (EvaluationView view in Enum.GetValues<EvaluationView>())
        {
            using Evaluator one = new(model, new EvaluatorOptions { BatchSize = 1 }), many = new(model, new EvaluatorOptions { BatchSize = 7, LoaderThreads = 3 });
            EvaluationResult a = one.Evaluate(images, view), b = many.Evaluate(images, view);
            Assert.Equal(23, b.Images);
            Assert.Equal(a.Predictions.Select(p => (p.Sample, p.Label, p.Predicted, p.Rank)), b.Predictions.Select(p => (p.Sample, p.Label, p.Predicted, p.Rank)));
            Assert.Equal(a.Loss, b.Loss, 5);

            // A second measurement works on what the first left behind, and gives the same bits.
            Assert.Equal(b.Predictions, many.Evaluate(images, view).Predictions);
        }
    }

    [Fact]
    public void Classes_are_matched_by_name()
    {
        using CpuBackend backend = TinyRun.Backend();
        Model network = TinyRun.Model(backend);
        network.Description = network.Description with { ClassNames = [.. TinyRun.Classes] };
        using var model = new TrainedModel(network, Preparation, 16);
        using var evaluator = new Evaluator(model);
        ImageDataset images = TinyRun.Images(9);
        var turned = new ImageDataset("turned", ["grey", "left", "right"], images.Source, images.Samples.Select(s => s with { Label = (s.Label + 1) % 3 }));
        Assert.Equal(evaluator.Evaluate(images).Predictions, evaluator.Evaluate(turned).Predictions);

        var other = new ImageDataset("other", ["left", "right", "blue"], images.Source, images.Samples);
        Assert.Throws<DatasetException>(() => evaluator.Evaluate(other));
    }

    [Fact]
    public void A_stopped_measurement_says_so()
    {
        using CpuBackend backend = TinyRun.Backend();
        using var model = new TrainedModel(TinyRun.Model(backend), Preparation, 16);
        using var evaluator = new Evaluator(model, new EvaluatorOptions { BatchSize = 2 });
        using var cancel = new CancellationTokenSource();
        foreach (EvaluationView view in Enum.GetValues<EvaluationView>())
        {
            cancel.Cancel();
            Assert.ThrowsAny<OperationCanceledException>(() => evaluator.Evaluate(TinyRun.Images(9), view, cancellationToken: cancel.Token));
        }
    }

    private sealed class FixedView(Backend backend, int[] samples, float[] scores, bool areProbabilities) : IEvaluationView
    {
        public string Name => "fixed";

        public void Check(TrainedModel model)
        {
        }

        public IEnumerable<ScoredBatch> Score(EvaluationContext context)
        {
            using Tensor tensor = backend.Allocate(new Shape(samples.Length, 3));
            tensor.Upload(scores);
            yield return new ScoredBatch(samples, tensor, areProbabilities);
        }
    }
}
