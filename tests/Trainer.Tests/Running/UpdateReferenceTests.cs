namespace IlgpuSpp.Training.Tests.Running;

/// <summary>The step loop on a linear softmax classifier against the same sums written out in double precision.</summary>
public class UpdateReferenceTests
{
    private const int Inputs = 3, Outputs = 3, Rows = 4;

    public static TheoryData<bool, double> Cases => new() { { false, 0 }, { true, 0 }, { false, 0.3 } };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Momentum_decay_clipping_and_average_match_a_double_reference(bool nesterov, double clip)
    {
        const double LearningRate = 0.2, Momentum = 0.9, Decay = 0.01, Ema = 0.6;
        var options = new TrainerOptions
        {
            BatchSize = Rows, Momentum = Momentum, WeightDecay = Decay, ClipNorm = clip, EmaDecay = Ema,
            Optimiser = nesterov ? OptimiserKind.Nesterov : OptimiserKind.Sgd,
        };
        using CpuBackend backend = TinyRun.Backend();
        using var network = new Network(new Sequential(new Flatten(), new Linear(Inputs, Outputs)), backend, seed: 5);
        Parameter weight = network.Parameters[0], bias = network.Parameters[1];
        using var updater = new WeightUpdater(network, options);
        using var pass = new TrainingPass(network, new Shape(Rows, 1, 1, Inputs));

        // Parameter index p: Inputs·Outputs weights [out, in], then Outputs biases.
        double[] w = [.. weight.Value.ToArray(), .. bias.Value.ToArray()], v = new double[w.Length], average = [.. w];
        double LrOf(int p) => LearningRate * (p < Inputs * Outputs ? weight : bias).LearningRateMultiplier;
        double DecayOf(int p) => Decay * (p < Inputs * Outputs ? weight : bias).DecayMultiplier;

        var random = new RandomStream(new RandomKey(1, 2, 3));
        var totals = new StepTotals[TrainingPass.PendingSteps];
        for (int step = 1; step <= 7; step++)
        {
            float[] x = [.. Enumerable.Range(0, Rows * Inputs).Select(_ => random.NextNormal())];
            int[] labels = [0, 1, step % 2 == 0 ? -1 : 2, 1]; // a row that does not count in every second batch
            int counted = labels.Count(l => l >= 0);
            pass.Run(Array.AsReadOnly(x).ToArray(), labels, new CrossEntropyLoss(), updater.GradientScale, default);
            updater.Update(LearningRate, counted);

            var g = new double[w.Length];
            double loss = 0;
            int correct = 0;
            for (int i = 0; i < Rows; i++)
            {
                if (labels[i] < 0) continue;
                double[] score = [.. Enumerable.Range(0, Outputs).Select(o => w[Inputs * Outputs + o] + Enumerable.Range(0, Inputs).Sum(k => w[o * Inputs + k] * x[i * Inputs + k]))];
                double sum = score.Sum(Math.Exp);
                loss += Math.Log(sum) - score[labels[i]];
                if (score.Max() == score[labels[i]]) correct++;
                for (int o = 0; o < Outputs; o++)
                {
                    double d = (Math.Exp(score[o]) / sum - (o == labels[i] ? 1 : 0)) / counted;
                    for (int k = 0; k < Inputs; k++) g[o * Inputs + k] += d * x[i * Inputs + k];
                    g[Inputs * Outputs + o] += d;
                }
            }
            double norm = Math.Sqrt(g.Sum(e => e * e)), shorten = clip > 0 && norm > clip ? clip / norm : 1;
            for (int p = 0; p < w.Length; p++)
            {
                double before = v[p];
                v[p] = Momentum * v[p] + LrOf(p) * (shorten * g[p] + DecayOf(p) * w[p]);
                w[p] -= nesterov ? (1 + Momentum) * v[p] - Momentum * before : v[p];
                double keep = Math.Min(Ema, (1.0 + step) / (10.0 + step));
                average[p] = keep * average[p] + (1 - keep) * w[p];
            }

            Assert.Equal(1, pass.Read(totals));
            Assert.Equal(loss, totals[0].Loss, 4);
            Assert.Equal((counted, correct), (totals[0].Images, totals[0].Correct));
            Assert.Equal(w, [.. weight.Value.ToArray(), .. bias.Value.ToArray()], (a, b) => Math.Abs(a - b) < 2e-6);
            Assert.Equal(average, [.. updater.Average!.Averages[0].ToArray(), .. updater.Average.Averages[1].ToArray()], (a, b) => Math.Abs(a - b) < 2e-6);
        }
    }

    [Fact]
    public void Steps_wait_on_the_device_and_are_read_in_order()
    {
        using CpuBackend backend = TinyRun.Backend();
        using var network = new Network(new Sequential(new Flatten(), new Linear(Inputs, Outputs)), backend, seed: 5);
        using var pass = new TrainingPass(network, new Shape(1, 1, 1, Inputs));
        network.Parameters[0].Value.Upload([1, 0, 0, 0, 1, 0, 0, 0, 1]);
        network.Parameters[1].Value.Upload(new float[3]);
        for (int step = 0; step < TrainingPass.PendingSteps; step++) pass.Run([step, 0, 0], [0], new CrossEntropyLoss(), 1, default);
        Assert.Throws<InvalidOperationException>(() => pass.Run(new float[3], [0], new CrossEntropyLoss(), 1, default));

        var totals = new StepTotals[TrainingPass.PendingSteps];
        Assert.Equal(TrainingPass.PendingSteps, pass.Read(totals));
        for (int step = 0; step < totals.Length; step++) Assert.Equal(Math.Log(1 + 2 * Math.Exp(-step)), totals[step].Loss, 5);
        Assert.Equal(0, pass.Read(totals));
    }
}
