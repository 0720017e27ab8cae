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
        float[] targets = new TrainingLoss(4, 0.2f, soft: true).TargetsOf(batch, 0, 3).ToArray();
        float[] expected = [0.05f, 0.85f, 0.05f, 0.05f, 0.25f, 0.05f, 0.65f, 0.05f, 0, 0, 0, 0];
        Assert.All(expected.Zip(targets), pair => Assert.Equal(pair.First, pair.Second, tolerance: 1e-6f));
    }
}
