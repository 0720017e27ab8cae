using Xunit;

namespace IlgpuSpp.Models.Tests.Compression;

/// <summary>Low-rank factors against matrices whose singular values are known, networks cut with them, and 8-bit weights.</summary>
public sealed class LinearCompressionTests : IDisposable
{
    private readonly CpuBackend _backend = new(new CpuOptions { Threads = 2 });

    public void Dispose() => _backend.Dispose();

    [Theory]
    [InlineData(60, 40, 8)]
    [InlineData(33, 70, 20)]
    public void FactorsComeCloseToTheBestOfTheirRank(int rows, int columns, int rank)
    {
        double[] singular = [.. Enumerable.Range(0, Math.Min(rows, columns)).Select(i => Math.Pow(0.8, i))];
        float[] values = Matrix(rows, columns, singular);
        using Tensor matrix = _backend.Allocate(new Shape(rows, columns));
        matrix.Upload(values);
        LowRankFactors factors = LowRankFactors.Of(matrix, rank, seed: 5);

        // Eckart and Young: no matrix of a rank comes closer than the singular values beyond it.
        double best = Math.Sqrt(singular.Skip(rank).Sum(s => s * s) / singular.Sum(s => s * s)), error = 0, norm = 0;
        for (int r = 0; r < rows; r++)
        {
            for (int c = 0; c < columns; c++)
            {
                double product = 0;
                for (int k = 0; k < rank; k++) product += (double)factors.Left[r * rank + k] * factors.Right[k * columns + c];
                error += Math.Pow(values[r * columns + c] - product, 2);
                norm += Math.Pow(values[r * columns + c], 2);
            }
        }
        Assert.InRange(Math.Sqrt(error / norm), best * 0.9999, best * 1.02);
        Assert.Equal(Math.Sqrt(error / norm), factors.RelativeError, 1e-3);
    }

    [Fact]
    public void RowsBecomeOrthonormalEvenWhereTheyAreNearlyParallelAndDependentOnesZero()
    {
        const int Length = 50;
        var rows = new float[4 * Length];
        for (int i = 0; i < Length; i++)
        {
            rows[i] = MathF.Cos(i);
            rows[Length + i] = MathF.Cos(i) + 1e-4f * MathF.Sin(3 * i);
            rows[2 * Length + i] = 2 * rows[i];
            rows[3 * Length + i] = i;
        }
        OrthonormalRows.Make(rows, 4, Length, 2, CancellationToken.None);
        for (int a = 0; a < 4; a++)
            for (int b = 0; b < 4; b++)
                Assert.Equal(a == b && a != 2 ? 1 : 0, Enumerable.Range(0, Length).Sum(i => (double)rows[a * Length + i] * rows[b * Length + i]), 1e-5);
    }

    // Orthogonal weights: every rank loses the same of them, whatever is kept, but the responses have the inputs' singular values, of which the one of the constant vector is their mean.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void FactorsByResponsesKeepTheMostOfThem(bool bias)
    {
        const int Length = 24, Count = 700, Rank = 6;
        double[] singular = [.. Enumerable.Range(0, Length).Select(i => 50 * Math.Pow(0.7, i))];
        float[] weights = Matrix(Length, Length, [.. Enumerable.Repeat(1.0, Length)]), inputs = Matrix(Count, Length, singular);
        // The identity is as orthogonal as the next matrix; its rows in another order are another.
        (weights, float[] identity) = ([.. Enumerable.Range(0, Length * Length).Select(i => weights[(i / Length * 7 % Length) * Length + i % Length])], weights);
        Assert.NotEqual(identity, weights);
        float[] biases = [.. Enumerable.Range(0, Length).Select(i => bias ? MathF.Sin(i) : 0)];
        var responses = new float[Count * Length];
        for (int n = 0; n < Count; n++)
            for (int row = 0; row < Length; row++)
                responses[n * Length + row] = (float)(biases[row] + Enumerable.Range(0, Length).Sum(k => (double)weights[row * Length + k] * inputs[n * Length + k]));
        using var some = new LayerResponses(new Linear(Length, Length, bias) { Name = "fc" }, _backend);
        some.Add(responses.AsSpan(0, 300 * Length));
        some.Add(responses.AsSpan(300 * Length));
        using Tensor matrix = _backend.Allocate(new Shape(Length, Length));
        matrix.Upload(weights);
        LowRankFactors factors = LowRankFactors.ByResponses(matrix, some, Rank, seed: 5);
        float[] own = bias ? factors.Bias(biases, some.Mean()) : biases;

        double error = 0, varied = 0;
        var meanError = new double[Length];
        double[] mean = [.. Enumerable.Range(0, Length).Select(row => bias ? Enumerable.Range(0, Count).Average(n => (double)responses[n * Length + row]) : 0)];
        for (int n = 0; n < Count; n++)
        {
            double[] reduced = [.. Enumerable.Range(0, Rank).Select(k => Enumerable.Range(0, Length).Sum(i => (double)factors.Right[k * Length + i] * inputs[n * Length + i]))];
            for (int row = 0; row < Length; row++)
            {
                double y = responses[n * Length + row], difference = own[row] + Enumerable.Range(0, Rank).Sum(k => factors.Left[row * Rank + k] * reduced[k]) - y;
                error += difference * difference;
                varied += (y - mean[row]) * (y - mean[row]);
                meanError[row] += difference / Count;
            }
        }
        IEnumerable<double> varying = singular.Skip(bias ? 1 : 0).Select(s => s * s);
        Assert.Equal(Math.Sqrt(varying.Skip(Rank).Sum() / varying.Sum()), Math.Sqrt(error / varied), 1e-4);
        Assert.Equal(Math.Sqrt(error / varied), factors.RelativeError, 1e-3);
        if (bias) Assert.All(meanError, value => Assert.Equal(0, value, 1e-5));
        Assert.True(factors.RelativeError < 0.2 && LowRankFactors.Of(matrix, Rank, seed: 5).RelativeError > 0.8);
    }

    [Fact]
    public void ANetworkWithWeightsOfThatRankGivesTheSameOutputs()
    {
        using Model model = Zoo.Create("spp-small", new ModelOptions { Classes = 7, Pyramid = [1, 2] }, _backend, seed: 1);
        Linear hidden = model.Network.Root.SelfAndDescendants().OfType<Linear>().First(layer => layer.Name == "fc5");
        hidden.Weight.Value.Upload(Matrix(hidden.OutFeatures, hidden.InFeatures, [3, 2, 1.5, 1]));
        hidden.Bias?.Value.Upload([.. Enumerable.Range(0, hidden.OutFeatures).Select(i => i * 1e-3f)]);

        using Model compressed = LinearCompression.Compress(model, new CompressionPlan([new LayerRank("fc5", 4)], []));
        Assert.Equal("spp-small-compressed", compressed.Description.Architecture);
        Assert.Equal(model.Network.ParameterCount - 256 * 640 + 4 * (256 + 640), compressed.Network.ParameterCount);
        float[] before = Run(model), after = Run(compressed);
        double scale = before.Max(Math.Abs);
        for (int i = 0; i < before.Length; i++) Assert.Equal(before[i], after[i], 1e-4 * scale);
        Assert.NotEqual(before, after);

        string path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        try
        {
            ModelFile.Save(path, compressed, [new NamedTensor("svm.weight", new Shape(2, 3), new float[] { 1, 2, 3, 4, 5, 6 })]);
            using Model again = ModelFile.Load(path, _backend);
            Assert.Equal(after, Run(again));
            NamedTensor other = Assert.Single(ModelFile.ReadOthers(path, again));
            Assert.Equal("svm.weight", other.Name);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void RanksThatSaveNothingAndUnknownLayersAreRefused()
    {
        using Model model = Zoo.Create("spp-small", new ModelOptions { Classes = 7, Pyramid = [1, 2] }, _backend, seed: 1);
        // 640·256 / (640 + 256) = 182.9
        OptionsException large = Assert.Throws<OptionsException>(() => LinearCompression.Compress(model, new CompressionPlan([new LayerRank("fc5", 183)], [])));
        Assert.Contains("1 to 182", large.Message, StringComparison.Ordinal);
        Assert.Throws<OptionsException>(() => LinearCompression.Compress(model, new CompressionPlan([new LayerRank("fc5", 0)], [])));
        Assert.Throws<OptionsException>(() => LinearCompression.Compress(model, new CompressionPlan([new LayerRank("fc5", 5), new LayerRank("fc5", 6)], [])));
        UnknownLayerException unknown = Assert.Throws<UnknownLayerException>(() => LinearCompression.Compress(model, new CompressionPlan([new LayerRank("conv1", 5)], [])));
        Assert.Contains("fc5, fc6", unknown.Message, StringComparison.Ordinal);
    }

    // A code is off by a uniform share of half a step, 1/√12 steps in the mean; of 640 normal weights a step is about 3.2/127 deviations: 0.7 % of the weights' norm.
    [Fact]
    public void EightBitWeightsAreRoundedOnceAndAQuarterOfTheFile()
    {
        using Model model = Zoo.Create("spp-small", new ModelOptions { Classes = 7, Pyramid = [1, 2] }, _backend, seed: 1);
        using Model compressed = LinearCompression.Compress(model, new CompressionPlan([], ["fc5"]), progress: new Now(layer => Assert.InRange(layer.RelativeError, 0.005, 0.009)));
        float[] before = Run(model), after = Run(compressed);
        double scale = before.Max(Math.Abs);
        Assert.NotEqual(before, after);
        for (int i = 0; i < before.Length; i++) Assert.Equal(before[i], after[i], 0.03 * scale);

        string path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName()), whole = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        try
        {
            ModelFile.Save(whole, model);
            ModelFile.Save(path, compressed);
            // One byte instead of four; beside them the scales, and the layers as JSON, which a network of the zoo does without.
            Assert.InRange(new FileInfo(whole).Length - new FileInfo(path).Length, 3 * 256 * 640 - 4 * 256 - 5000, 3 * 256 * 640);
            using Model again = ModelFile.Load(path, _backend);
            Assert.Equal(after, Run(again));
            Assert.Empty(ModelFile.ReadOthers(path, again));
            Assert.Equal(compressed.Network.Parameters.Select(parameter => parameter.Value.ToArray()), again.Network.Parameters.Select(parameter => parameter.Value.ToArray()));
            OptionsException twice = Assert.Throws<OptionsException>(() => LinearCompression.Compress(again, new CompressionPlan([new LayerRank("fc5", 4)], [])));
            Assert.Contains("8-bit ones already", twice.Message, StringComparison.Ordinal);
            // In training the rounded weights are constants.
            again.Network.PrepareTraining();
            Assert.Null(again.Network.Parameters.Single(parameter => parameter.FullName == "fc5.weight").GradientOrNull);
        }
        finally
        {
            File.Delete(path);
            File.Delete(whole);
        }
    }

    [Fact]
    public void BothPartsOfALayerThatIsCutInTwoBecomeEightBitNumbers()
    {
        using Model model = Zoo.Create("spp-small", new ModelOptions { Classes = 7, Pyramid = [1, 2] }, _backend, seed: 1);
        using Model exact = LinearCompression.Compress(model, new CompressionPlan([new LayerRank("fc5", 40)], [])), compressed = LinearCompression.Compress(model, new CompressionPlan([new LayerRank("fc5", 40)], ["fc5"]));
        Assert.Equal(["fc5_reduced", "fc5"], compressed.Network.Root.SelfAndDescendants().OfType<Linear>().Where(layer => layer.Int8).Select(layer => layer.Name));
        float[] before = Run(exact), after = Run(compressed);
        double scale = before.Max(Math.Abs);
        for (int i = 0; i < before.Length; i++) Assert.Equal(before[i], after[i], 0.04 * scale);
    }

    private static float[] Run(Model model)
    {
        using NetworkPass pass = model.Network.Plan(new Shape(2, 48, 56, 3), PassMode.Inference);
        pass.Input.Upload([.. Enumerable.Range(0, 2 * 48 * 56 * 3).Select(i => MathF.Sin(i * 0.37f))]);
        pass.Forward();
        return pass.Output.ToArray();
    }

    // Singular vectors are the cosines of the discrete cosine transform, which are orthonormal.
    private static float[] Matrix(int rows, int columns, double[] singular)
    {
        var values = new float[rows * columns];
        for (int r = 0; r < rows; r++)
            for (int c = 0; c < columns; c++)
                values[r * columns + c] = (float)singular.Select((s, i) => s * Cosine(i, r, rows) * Cosine(i, c, columns)).Sum();
        return values;

        static double Cosine(int frequency, int at, int length) =>
            Math.Sqrt((frequency == 0 ? 1.0 : 2.0) / length) * Math.Cos(Math.PI * (at + 0.5) * frequency / length);
    }

    private sealed class Now(Action<CompressedLayer> read) : IProgress<CompressedLayer>
    {
        public void Report(CompressedLayer value) => read(value);
    }
}
