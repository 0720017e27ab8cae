namespace IlgpuSpp.Training.Tests.Running;

public class TrainingLossTests
{
    [Fact]
    public void Targets_are_the_smoothed_mixture_of_both_classes()
    {
        var batch = new Batch();
        batch.Begin(0, 0, new Shape(3, 1, 1, 3));
        batch.SetRow(0, 1, 0);
        batch.SetRow(1, 2, 1);
        batch.MixRow(1, 0, 0.75f);
        batch.ClearRow(2, -1);
        float[] targets = new TrainingLoss(4, 0.2f, mixed: true).TargetsOf(batch, 0, 3).ToArray();
        float[] expected = [0.05f, 0.85f, 0.05f, 0.05f, 0.25f, 0.05f, 0.65f, 0.05f, 0, 0, 0, 0];
        Assert.All(expected.Zip(targets), pair => Assert.Equal(pair.First, pair.Second, tolerance: 1e-6f));
    }

    [Fact]
    public void A_focal_step_has_the_loss_and_the_gradient_of_the_formula()
    {
        const int Classes = 4;
        using CpuBackend backend = TinyRun.Backend();
        using var network = new Network(new Sequential(new Flatten(), new Linear(3, Classes)), backend, seed: 5);
        network.PrepareTraining();
        Parameter weight = network.Parameters[0], bias = network.Parameters[1];
        backend.Fill(weight.Value, 0);
        backend.Fill(bias.Value, 0);
        backend.Fill(bias.Gradient, 0);
        var batch = new Batch();
        batch.Begin(0, 0, new Shape(2, 1, 1, 3));
        batch.SetRow(0, 1, 0);
        batch.ClearRow(1, -1);
        using var pass = new TrainingPass(network, batch.Shape);
        pass.Run(batch, 0, 2, new TrainingLoss(Classes, focus: 2), 1, default);
        var totals = new StepTotals[TrainingPass.PendingSteps];
        pass.Read(totals);

        // With zero weights every class has p = 1/4: −(1 − p)²·log p, and its derivative by the logits, (δ − p)·(2p(1 − p)·log p − (1 − p)²).
        const double P = 1.0 / Classes, Rest = 1 - P;
        double slope = 2 * P * Rest * Math.Log(P) - Rest * Rest;
        Assert.Equal((1, -Rest * Rest * Math.Log(P)), (totals[0].Images, totals[0].Loss), (a, b) => a.Item1 == b.Item1 && Math.Abs(a.Item2 - b.Item2) < 1e-6);
        float[] gradient = bias.Gradient.ToArray();
        for (int c = 0; c < Classes; c++) Assert.Equal(((c == 1 ? 1 : 0) - P) * slope, gradient[c], tolerance: 1e-6);
    }
}
